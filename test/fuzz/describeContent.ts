import { inspect } from 'node:util';
import * as Y from 'yjs';
import type { ItemId } from './updateModel.ts';

/** What a document holds, such that two can be compared. */
export type Description = {
  /** Each clock that was not deleted: its content and its place. Each client: how far it came. */
  readonly units: ReadonlyMap<string, string>;
  /** Which of them are, or were, formatting. */
  readonly formats: readonly ItemId[];
  readonly deletions: ReadonlyMap<number, readonly Range[]>;
};

type Range = { readonly clock: number; readonly len: number };

export function describeContent(doc: Y.Doc): Description {
  const units = new Map<string, string>();
  const formats: ItemId[] = [];
  for (const [client, structs] of doc.store.clients) {
    for (const struct of structs) {
      describeStruct(client, struct, units);
      if (struct instanceof Y.Item && struct.content instanceof Y.ContentFormat) formats.push(struct.id);
    }
    units.set(`${client}`, `up to ${Y.getState(doc.store, client)}`);
  }
  return { units, formats, deletions: Y.createDeleteSetFromStructStore(doc.store).clients };
}

/**
 * Undefined where both hold the same. A document takes formatting away that has no effect any more, whenever it likes:
 * where one of the two did, that is no difference.
 */
export function findDifference(one: Description, other: Description): string | undefined {
  const ignored = one.formats.filter(
    (id) => one.units.has(describeId(id)) !== other.units.has(describeId(id)),
  );
  const ignoredNames = new Set(ignored.map(describeId));
  for (const id of new Set([...one.units.keys(), ...other.units.keys()])) {
    const [content, found] = [one.units.get(id), other.units.get(id)];
    if (found !== content && !ignoredNames.has(id)) return `${id} is ${content} and ${found}`;
  }
  const byClient = Map.groupBy(ignored, ({ client }) => client);
  for (const client of new Set([...one.deletions.keys(), ...other.deletions.keys()])) {
    const except = (byClient.get(client) ?? []).map(({ clock }) => clock);
    const [mine, theirs] = [one, other].map(({ deletions }) => describeRanges(deletions.get(client), except));
    if (mine !== theirs) return `of ${client}, ${mine} is deleted and ${theirs}`;
  }
  return undefined;
}

/** Ranges, since a run may claim millions of clocks. */
function describeRanges(ranges: readonly Range[] = [], except: readonly number[]): string {
  const told: string[] = [];
  for (const { clock, len } of ranges) {
    let start = clock;
    const inside = except.filter((left) => left >= clock && left < clock + len).toSorted((a, b) => a - b);
    for (const end of [...inside, clock + len]) {
      if (end > start) told.push(`${start}-${end}`);
      start = end + 1;
    }
  }
  return told.join(' ');
}

function describeStruct(client: number, struct: Y.Item | Y.GC, units: Map<string, string>): void {
  const { clock } = struct.id;
  if (struct.deleted || !(struct instanceof Y.Item)) return;
  const place = describePlace(struct);
  const values = struct.content.getContent();
  const isCountable = values.length === struct.length;
  for (let offset = 0; offset < struct.length; offset++) {
    const value = isCountable ? describeValue(values[offset]) : describeWhole(struct.content);
    const origin =
      offset === 0 ? describeId(struct.origin) : describeId({ client, clock: clock + offset - 1 });
    units.set(`${client}:${clock + offset}`, `${struct.content.getRef()} ${value} after ${origin} ${place}`);
  }
}

function describePlace({ rightOrigin, parent, parentSub }: Y.Item): string {
  const owner = parent instanceof Y.AbstractType ? parent._item : null;
  return `before ${describeId(rightOrigin)} in ${describeId(owner?.id ?? null)} ${parentSub ?? ''}`;
}

function describeId(id: ItemId | null): string {
  return id ? `${id.client}:${id.clock}` : '-';
}

// Wherever Yjs cuts between the halves of a character, both become U+FFFD, also for an item that is known already.
const HALF = /[\ud800-\udfff]/g;

function describeValue(value: unknown): string {
  if (typeof value === 'string') return value.replace(HALF, '\ufffd');
  return value instanceof Y.AbstractType ? describeType(value) : inspect(value, { depth: null });
}

function describeType(type: object): string {
  return `${type.constructor.name} ${type instanceof Y.XmlElement ? type.nodeName : ''}`;
}

function describeWhole(content: Y.Item['content']): string {
  return content instanceof Y.ContentFormat
    ? inspect([content.key, content.value], { depth: null })
    : content.constructor.name;
}
