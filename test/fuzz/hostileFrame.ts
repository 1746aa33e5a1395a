import { encodeTextFrame } from '@weft/client/protocol';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { mutateBytes } from './mutateBytes.ts';
import { mutateModel } from './mutateModel.ts';
import { anyClient, anyContent, anyId, anyRun, type Ids } from './oddValues.ts';
import { encodeModel, EMPTY_MODEL, type ModelItem, type ModelUpdate, toModel } from './updateModel.ts';

export type HostileSources = {
  readonly ids: Ids;
  /** Updates that everybody was shown. */
  readonly shown: readonly Uint8Array[];
  /** Everything, as one update. */
  whole(): Uint8Array;
};

/** One frame of somebody who does not mean well, or whose program is broken. */
export function createHostileFrame(sources: HostileSources): Uint8Array {
  const { random } = sources.ids;
  const frame = createFrame(sources);
  return random.integer(12) === 0 ? mutateBytes(frame, random) : frame;
}

function createFrame(sources: HostileSources): Uint8Array {
  const { random } = sources.ids;
  const kind = random.integer(40);
  if (kind === 0) return createAwareness(sources.ids);
  if (kind === 1)
    return encodeTextFrame({ kind: 'sync-step-1', stateVector: createStateVector(sources.ids) });
  if (kind === 2) return random.oneOf(OTHER_FRAMES);
  const update = createUpdate(sources);
  return encodeTextFrame({ kind: random.integer(4) === 0 ? 'sync-step-2' : 'update', update });
}

const OTHER_FRAMES = [
  encodeTextFrame({ kind: 'query-awareness' }),
  encodeTextFrame({ kind: 'saved', count: 1 }),
  Uint8Array.of(),
  Uint8Array.of(2, 0),
  Uint8Array.of(0, 3, 0),
  Uint8Array.of(101),
];

function createUpdate(sources: HostileSources): Uint8Array {
  const { random } = sources.ids;
  let model = createModel(sources);
  for (let times = random.oneOf([0, 0, 1, 1, 2, 3]); times > 0; times--)
    model = mutateModel(model, sources.ids);
  let update = encodeModel(model, random.integer(24) === 0 ? 2 : 1);
  const after = random.integer(24);
  if (after === 0) update = join(update, update);
  if (after === 1 && sources.shown.length > 0) update = join(update, random.oneOf(sources.shown));
  if (after < 5) update = mutateBytes(update, random);
  return update;
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([one, other]));
}

function createModel(sources: HostileSources): ModelUpdate {
  const { ids, shown } = sources;
  const { random } = ids;
  const kind = random.integer(10);
  if (kind < 5 || shown.length === 0) return createFresh(ids);
  if (kind < 7) return toModel(random.oneOf(shown));
  if (kind === 7) return toModel(Y.mergeUpdates([random.oneOf(shown), encodeModel(createSound(ids))]));
  if (kind === 8) return renameClient(toModel(random.oneOf(shown)), ids);
  return toModel(sources.whole());
}

/** Somebody else's words, said anew under a name of one's own. */
function renameClient({ sections, deletions }: ModelUpdate, ids: Ids): ModelUpdate {
  const client = ids.random.oneOf(ids.own);
  return {
    sections: sections.slice(0, 1).map((section) => ({ ...section, client, clock: ids.clockOf(client) })),
    deletions,
  };
}

function createFresh(ids: Ids): ModelUpdate {
  return ids.random.integer(3) > 0 ? createSound(ids) : createOdd(ids);
}

/** A client of one's own, where it has come to, and a place that is there. */
function createSound(ids: Ids): ModelUpdate {
  const { random } = ids;
  const client = random.oneOf(ids.own);
  const clock = ids.clockOf(client);
  const count = 1 + random.integer(3);
  const structs: ModelItem[] = [];
  for (let next = clock; structs.length < count;) {
    const content = random.integer(3) === 0 ? anyContent(ids) : new Y.ContentString('sound');
    const isFollowing = structs.length > 0 && random.integer(2) === 0;
    structs.push({
      kind: 'item',
      content,
      ...anyPlace(ids, isFollowing ? { client, clock: next - 1 } : undefined),
    });
    next += content.getLength();
  }
  return { sections: [{ client, clock, structs }], deletions: [] };
}

function anyPlace(
  ids: Ids,
  before: { client: number; clock: number } | undefined,
): Omit<ModelItem, 'kind' | 'content'> {
  const { random } = ids;
  const hasText = ids.all.length > 0;
  const origin = before ?? (hasText && random.integer(2) === 0 ? anyId(ids) : null);
  const rightOrigin = hasText && random.integer(4) === 0 ? anyId(ids) : null;
  const parent = hasText && random.integer(6) === 0 ? anyId(ids) : 'body';
  return { origin, rightOrigin, parent, parentSub: random.integer(12) === 0 ? 'key' : null };
}

function createOdd(ids: Ids): ModelUpdate {
  const { random } = ids;
  const sections = Array.from({ length: random.integer(3) }, () => {
    const client = anyClient(ids);
    const structs = Array.from({ length: 1 + random.integer(3) }, () => {
      if (random.integer(3) === 0) return anyRun(ids);
      return { kind: 'item' as const, content: anyContent(ids), ...anyPlace(ids, undefined) };
    });
    return { client, clock: ids.clockOf(client), structs };
  });
  // In the order that Yjs writes, so that not everything is refused for that alone.
  return { ...EMPTY_MODEL, sections: sections.toSorted((one, other) => other.client - one.client) };
}

function createStateVector(ids: Ids): Uint8Array {
  const { random } = ids;
  const vector = encoding.encode((encoder) => {
    const count = random.integer(4);
    encoding.writeVarUint(encoder, count);
    for (let entry = 0; entry < count; entry++) {
      const { client, clock } = anyId(ids);
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
    }
  });
  return random.integer(4) === 0 ? mutateBytes(vector, random) : vector;
}

const STATES = [
  '{"a":1}',
  'null',
  '1',
  '',
  '{',
  '"x"',
  `${'['.repeat(64)}${']'.repeat(64)}`,
  `${'['.repeat(70)}${']'.repeat(70)}`,
];
const CLOCKS = [0, 1, 2, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];

function createAwareness(ids: Ids): Uint8Array {
  const { random } = ids;
  const count = random.oneOf([0, 1, 2, 3, 100]);
  const states = encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, count);
    for (let entry = 0; entry < count; entry++) {
      encoding.writeVarUint(encoder, anyClient(ids) + entry);
      encoding.writeVarUint(encoder, random.oneOf(CLOCKS));
      encoding.writeVarString(encoder, random.oneOf(STATES));
    }
  });
  return encodeTextFrame({ kind: 'awareness', states });
}

/** Updates whose size is what is wrong with them, or nearly: rare, since each takes long to make and to judge. */
export function createLargeFrame(ids: Ids): Uint8Array {
  const { random } = ids;
  const client = random.oneOf(ids.own);
  const clock = ids.clockOf(client);
  const root = { origin: null, rightOrigin: null, parent: 'body', parentSub: null };
  const large: readonly (() => ModelUpdate)[] = [
    () => {
      const count = random.oneOf([1000, 20_000, 65_536, 70_000]);
      const structs = Array.from({ length: count }, (_, index): ModelItem => {
        const content = new Y.ContentString('x');
        return {
          kind: 'item',
          content,
          ...root,
          origin: index === 0 ? null : { client, clock: clock + index - 1 },
        };
      });
      return { sections: [{ client, clock, structs }], deletions: [] };
    },
    () => {
      const size = random.oneOf([64 * 1024 - 100, 64 * 1024 + 1, 1024 * 1024]);
      const value = 'v'.repeat(size);
      const content = random.oneOf([
        new Y.ContentEmbed({ value }),
        new Y.ContentFormat('bold', value as never),
      ]);
      return { sections: [{ client, clock, structs: [{ kind: 'item', content, ...root }] }], deletions: [] };
    },
    () => {
      const deletions = Array.from({ length: random.oneOf([1000, 65_537]) }, (_, index) => ({
        client,
        clock: index * 2,
        length: 1,
      }));
      return { sections: [], deletions };
    },
    () => {
      const sections = Array.from({ length: random.oneOf([1000, 30_000]) }, (_, index) => ({
        client: client + 1_000_000 - index,
        clock: 0,
        structs: [{ kind: 'item' as const, content: new Y.ContentString('x'), ...root }],
      }));
      return { sections, deletions: [] };
    },
    () => {
      const content = new Y.ContentString('text '.repeat(random.oneOf([10_000, 300_000])));
      return { sections: [{ client, clock, structs: [{ kind: 'item', content, ...root }] }], deletions: [] };
    },
  ];
  return encodeTextFrame({ kind: 'update', update: encodeModel(random.oneOf(large)()) });
}
