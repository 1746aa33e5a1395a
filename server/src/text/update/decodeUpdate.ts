import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import type { ClockRange } from './clockRanges.ts';

export type Struct = Y.Item | Y.GC | Y.Skip;

/** What an update holds of one client, in order of clock, one at least. A `Y.Skip` stands for what was left out. */
export type Section = { readonly client: number; readonly structs: readonly Struct[] };

/** An update taken apart. Nothing of it is integrated anywhere. */
export type DecodedUpdate = {
  /** By descending client id, each client once. */
  readonly sections: readonly Section[];
  readonly deletions: ReadonlyMap<number, readonly ClockRange[]>;
};

/** Undefined where the bytes are no update that a correct Yjs client could have made. */
export type UpdateDecoder = (update: Uint8Array) => DecodedUpdate | undefined;

/** Makes a decoder of updates that are trusted as to what they hold: those that are stored. */
export function createUpdateDecoder(): UpdateDecoder {
  return (update) => {
    try {
      return takeUpdateApart(update, new Y.UpdateDecoderV1(decoding.createDecoder(update)));
    } catch {
      // Yjs and lib0 throw on input that they cannot read; that is an expected outcome here.
      return undefined;
    }
  };
}

/**
 * Decodes everything, since Yjs applies whatever comes before a fault. Undefined also for what decodes and would still
 * break documents; throws what Yjs, lib0 and the decoder throw on input that they cannot read. Undefined for:
 *
 * - bytes after the update: it is of the second encoding, or none at all;
 * - a client twice or out of order: `applyUpdate` keeps just the last of them, and merging relies on the order;
 * - empty or absurdly long runs, and ids that are no numbers;
 * - an item that refers to a later one of its own client: integrating it throws half-way.
 */
export function takeUpdateApart(update: Uint8Array, decoder: Y.UpdateDecoderV1): DecodedUpdate | undefined {
  const { structs, ds } = Y.decodeUpdateV2(update, toConstructorOf(decoder));
  if (decoding.hasContent(decoder.restDecoder)) return undefined;
  const sections = toSections(structs);
  // Two sections of one client in a row look like one by now.
  if (sections?.length !== countSections(update)) return undefined;
  const deletions = toDeletions(ds.clients);
  return deletions && { sections, deletions };
}

/** Yjs insists on making its decoder itself, and keeps it to itself; what a constructor returns is what it gets. */
function toConstructorOf(decoder: Y.UpdateDecoderV1): typeof Y.UpdateDecoderV1 {
  function giveDecoder() {
    return decoder;
  }
  // A function is called by `new` as a class is.
  return giveDecoder as unknown as typeof Y.UpdateDecoderV1;
}

function toSections(structs: readonly Struct[]): Section[] | undefined {
  const sections: { client: number; structs: Struct[] }[] = [];
  let current: { client: number; structs: Struct[] } | undefined;
  for (const struct of structs) {
    if (!isSound(struct)) return undefined;
    const { client } = struct.id;
    if (current && client > current.client) return undefined;
    if (current?.client === client) current.structs.push(struct);
    else sections.push((current = { client, structs: [struct] }));
  }
  return sections;
}

function countSections(update: Uint8Array): number {
  return decoding.readVarUint(decoding.createDecoder(update));
}

function isSound(struct: Struct): boolean {
  const { client, clock } = struct.id;
  if (struct.length < 1 || !Number.isSafeInteger(clock + struct.length)) return false;
  // A number of a few hundred bytes, all of them zeros, is read as none.
  if (!Number.isSafeInteger(client)) return false;
  if (!(struct instanceof Y.Item)) return true;
  return findDependency(struct, (id) => !isBefore(id, struct.id)) === undefined;
}

/** Whether an item may refer to what has that id. */
function isBefore(id: Y.ID, own: Y.ID): boolean {
  if (!Number.isSafeInteger(id.client) || !Number.isSafeInteger(id.clock)) return false;
  return id.client !== own.client || id.clock < own.clock;
}

function toDeletions(
  clients: ReadonlyMap<number, readonly { clock: number; len: number }[]>,
): Map<number, ClockRange[]> | undefined {
  const deletions = new Map<number, ClockRange[]>();
  for (const [client, items] of clients) {
    const ranges = items.map(({ clock, len }) => ({ start: clock, end: clock + len }));
    if (!Number.isSafeInteger(client)) return undefined;
    if (!ranges.every(({ start, end }) => start < end && Number.isSafeInteger(end))) return undefined;
    deletions.set(client, ranges);
  }
  return deletions;
}

/** The first of the items that an item cannot be integrated without that fits. */
export function findDependency(item: Y.Item, fits: (id: Y.ID) => boolean): Y.ID | undefined {
  const { origin, rightOrigin, parent } = item;
  if (origin && fits(origin)) return origin;
  if (rightOrigin && fits(rightOrigin)) return rightOrigin;
  return parent instanceof Y.ID && fits(parent) ? parent : undefined;
}

/** The clock after a struct. */
export function endOf(struct: Struct): number {
  return struct.id.clock + struct.length;
}
