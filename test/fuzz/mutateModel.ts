import * as Y from 'yjs';
import { anyClient, anyContent, anyId, anyLength, anyRoot, anyRun, type Ids } from './oddValues.ts';
import {
  type Content,
  lengthOf,
  type ModelItem,
  type ModelSection,
  type ModelStruct,
  type ModelUpdate,
} from './updateModel.ts';

type Mutation = (update: ModelUpdate, ids: Ids) => ModelUpdate;

/** Changes one thing of an update into what no honest client would have written, or would, under another name. */
export function mutateModel(update: ModelUpdate, ids: Ids): ModelUpdate {
  return ids.random.oneOf(MUTATIONS)(update, ids);
}

const MUTATIONS: readonly Mutation[] = [
  changeSection((section, ids) => ({ ...section, client: anyClient(ids) })),
  changeSection((section, ids) => ({ ...section, clock: ids.clockOf(section.client) })),
  changeSection((section, ids) => ({ ...section, clock: shift(section.clock, ids) })),
  changeSection((section, ids) => ({
    ...section,
    clock: Math.max(0, ids.clockOf(section.client) - ids.random.integer(4)),
  })),
  changeStructs((structs, at, ids) => structs.toSpliced(at, 0, anyRun(ids))),
  changeStructs((structs, at, ids) => structs.toSpliced(at, 1, anyRun(ids))),
  changeStructs((structs, at) => structs.toSpliced(at, 1)),
  changeStructs((structs, at) => structs.toSpliced(at, 0, ...structs.slice(at, at + 1))),
  changeStructs((structs, at) => [...structs.slice(at), ...structs.slice(0, at)]),
  changeItem((item, ids) => ({ ...item, content: anyContent(ids) })),
  changeItem((item, ids) => ({ ...item, origin: anyId(ids) })),
  changeItem((item, ids) => ({ ...item, rightOrigin: anyId(ids) })),
  changeItem((item, ids) => ({ ...item, origin: null, rightOrigin: null, parent: anyRoot(ids) })),
  changeItem((item, ids) => ({ ...item, origin: null, rightOrigin: null, parent: anyId(ids) })),
  changeItem((item, ids) => ({
    ...item,
    origin: null,
    rightOrigin: null,
    parentSub: ids.random.oneOf(['', 'key', '__proto__']),
  })),
  changeItem((item) => ({ ...item, content: forge(item.content) })),
  addDeletion,
  addDeletion,
  (update) => ({ ...update, deletions: [] }),
  (update) => ({ ...update, deletions: update.deletions.toReversed() }),
  (update) => ({ ...update, sections: update.sections.toReversed() }),
  (update) => ({ ...update, sections: [...update.sections, ...update.sections.slice(-1)] }),
  (update) => ({ ...update, sections: update.sections.slice(1) }),
  continueSections,
];

function shift(clock: number, { random }: Ids): number {
  return random.oneOf([
    Math.max(0, clock - 1),
    clock + 1,
    clock + 2 ** 24,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
  ]);
}

/** As long as it was, and something else. */
function forge(content: Content): Content {
  if (content instanceof Y.ContentString) return new Y.ContentString('#'.repeat(content.str.length));
  if (content instanceof Y.ContentFormat) return new Y.ContentFormat(content.key, 'forged');
  if (content instanceof Y.ContentEmbed) return new Y.ContentEmbed({ forged: true });
  return content;
}

function changeSection(change: (section: ModelSection, ids: Ids) => ModelSection): Mutation {
  return (update, ids) => {
    if (update.sections.length === 0) return update;
    const at = ids.random.integer(update.sections.length);
    const section = update.sections[at];
    return section ? { ...update, sections: update.sections.with(at, change(section, ids)) } : update;
  };
}

function changeStructs(
  change: (structs: readonly ModelStruct[], at: number, ids: Ids) => readonly ModelStruct[],
): Mutation {
  return changeSection((section, ids) => {
    return {
      ...section,
      structs: change(section.structs, ids.random.integer(section.structs.length + 1), ids),
    };
  });
}

function changeItem(change: (item: ModelItem, ids: Ids) => ModelItem): Mutation {
  return changeStructs((structs, at, ids) => {
    const struct = structs[at];
    return struct?.kind === 'item' ? structs.with(at, change(struct, ids)) : structs;
  });
}

function addDeletion(update: ModelUpdate, ids: Ids): ModelUpdate {
  const client = ids.all.length > 0 ? ids.random.oneOf(ids.all) : anyClient(ids);
  const known = ids.clockOf(client);
  const clock = ids.random.integer(known + 1);
  const length =
    ids.random.integer(3) === 0 ? anyLength(ids) : 1 + ids.random.integer(Math.max(1, known - clock));
  return { ...update, deletions: [...update.deletions, { client, clock, length }] };
}

/** Something new after all that it held. */
function continueSections(update: ModelUpdate, ids: Ids): ModelUpdate {
  const sections = update.sections.map((section) => {
    const end = section.structs.reduce((clock, struct) => clock + lengthOf(struct), section.clock);
    const origin = end > 0 ? { client: section.client, clock: end - 1 } : null;
    const item: ModelItem = {
      kind: 'item',
      content: anyContent(ids),
      origin,
      rightOrigin: null,
      parent: 'body',
      parentSub: null,
    };
    return { ...section, structs: [...section.structs, item] };
  });
  return { ...update, sections };
}
