import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import type { ClockRange } from './clockRanges.ts';

export type Struct = Y.Item | Y.GC | Y.Skip;

/** What an update holds of one client, in order of clock. A `Y.Skip` stands for what was left out. */
export type Section = { readonly client: number; readonly structs: readonly Struct[] };

/** An update taken apart. Nothing of it is integrated anywhere. */
export type DecodedUpdate = {
  /** By descending client id, each client once. */
  readonly sections: readonly Section[];
  readonly deletions: ReadonlyMap<number, readonly ClockRange[]>;
};

/** Undefined where the bytes are no update that a correct Yjs client could have made. */
export type UpdateDecoder = (update: Uint8Array) => DecodedUpdate | undefined;

/**
 * Makes a decoder of updates in Yjs' first encoding. Decodes everything, since Yjs applies whatever comes before a
 * fault; and also refuses what decodes and would still break documents:
 *
 * - bytes after the update: it is of the second encoding, or none at all;
 * - a client twice or out of order: `applyUpdate` keeps just the last of them, and merging relies on the order;
 * - empty or absurdly long runs;
 * - an item that refers to a later one of its own client: integrating it throws half-way.
 */
export function createUpdateDecoder(): UpdateDecoder {
  let position: decoding.Decoder | undefined;

  // Yjs keeps the decoder that it reads with to itself, and only that one knows whether bytes are left.
  class ObservedDecoder extends Y.UpdateDecoderV1 {
    constructor(decoder: decoding.Decoder) {
      super(decoder);
      position = decoder;
    }
  }

  return (update) => {
    try {
      const { structs, ds } = Y.decodeUpdateV2(update, ObservedDecoder);
      if (!position || decoding.hasContent(position)) return undefined;
      const sections = toSections(structs);
      // Two sections of one client in a row look like one by now.
      if (sections?.length !== countSections(update)) return undefined;
      const deletions = toDeletions(ds.clients);
      return deletions && { sections, deletions };
    } catch {
      // Yjs and lib0 throw on input that they cannot read; that is an expected outcome here.
      return undefined;
    } finally {
      position = undefined;
    }
  };
}

function toSections(structs: readonly Struct[]): Section[] | undefined {
  const sections: { client: number; structs: Struct[] }[] = [];
  for (const struct of structs) {
    if (!isSound(struct)) return undefined;
    const current = sections.at(-1);
    const { client } = struct.id;
    if (current && client > current.client) return undefined;
    if (current?.client === client) current.structs.push(struct);
    else sections.push({ client, structs: [struct] });
  }
  return sections;
}

function countSections(update: Uint8Array): number {
  return decoding.readVarUint(decoding.createDecoder(update));
}

function isSound(struct: Struct): boolean {
  const { client, clock } = struct.id;
  if (struct.length < 1 || !Number.isSafeInteger(clock + struct.length)) return false;
  if (!(struct instanceof Y.Item)) return true;
  return dependenciesOf(struct).every((id) => id.client !== client || id.clock < clock);
}

function toDeletions(
  clients: ReadonlyMap<number, readonly { clock: number; len: number }[]>,
): Map<number, ClockRange[]> | undefined {
  const deletions = new Map<number, ClockRange[]>();
  for (const [client, items] of clients) {
    const ranges = items.map(({ clock, len }) => ({ start: clock, end: clock + len }));
    if (!ranges.every(({ start, end }) => start < end && Number.isSafeInteger(end))) return undefined;
    deletions.set(client, ranges);
  }
  return deletions;
}

/** The items that an item cannot be integrated without. */
export function dependenciesOf(item: Y.Item): Y.ID[] {
  const { origin, rightOrigin, parent } = item;
  return [origin, rightOrigin, parent].filter((id) => id instanceof Y.ID);
}

/** The clock after a struct. */
export function endOf(struct: Struct): number {
  return struct.id.clock + struct.length;
}
