import { z } from 'zod';
import type { Revision } from '../../event-store/eventStore.ts';

/** Below the 512 KiB that one event may take in every store. */
export const MAX_PART_BYTES = 448 * 1024;

/** For bytes that are too large for one event: which part of them an event holds. */
export type EventPart = {
  /** The same for all parts: the id of the first one's event. */
  readonly id: string;
  /** From 0. */
  readonly part: number;
  readonly parts: number;
};

export const eventPartSchema = z
  .object({ id: z.string(), part: z.int().nonnegative(), parts: z.int().min(2) })
  .refine(({ part, parts }) => part < parts, 'there is no such part');

/** What one event holds. */
export type Piece = {
  readonly revision: Revision;
  /** Undefined where it holds all. */
  readonly part: EventPart | undefined;
  readonly bytes: Uint8Array;
};

/** What the parts of one whole hold together. */
export type Whole<P extends Piece> = {
  readonly bytes: Uint8Array;
  /** What is told besides the bytes is the same for all parts. */
  readonly piece: P;
  /** Of the first part. */
  readonly firstRevision: Revision;
  /** Of the last part. */
  readonly revision: Revision;
};

/** At least one; views of the bytes. */
export function splitIntoParts(bytes: Uint8Array): Uint8Array[] {
  const parts = Math.max(1, Math.ceil(bytes.byteLength / MAX_PART_BYTES));
  return Array.from({ length: parts }, (_, part) =>
    bytes.subarray(part * MAX_PART_BYTES, (part + 1) * MAX_PART_BYTES),
  );
}

/**
 * Puts parts together, wherever they are, in the order in which they became complete. One whose parts are not all
 * there was never finished, or is being truncated; it is as good as none.
 */
export function joinParts<P extends Piece>(pieces: readonly P[]): Whole<P>[] {
  const wholes: Whole<P>[] = [];
  const unfinished = new Map<string, Map<number, P>>();
  for (const piece of pieces) {
    const { part } = piece;
    const parts = part ? collect(unfinished, part, piece) : [piece];
    if (!parts) continue;
    if (part) unfinished.delete(part.id);
    wholes.push(join(parts));
  }
  return wholes;
}

/** All parts in order where none is missing any more. A part that was stored twice counts once. */
function collect<P extends Piece>(
  unfinished: Map<string, Map<number, P>>,
  { id, part, parts }: EventPart,
  piece: P,
): P[] | undefined {
  const own = unfinished.get(id) ?? new Map<number, P>();
  unfinished.set(id, own.set(part, piece));
  if (own.size < parts) return undefined;
  return [...own].toSorted(([one], [other]) => one - other).map(([, found]) => found);
}

function join<P extends Piece>(parts: readonly P[]): Whole<P> {
  const [first, ...rest] = parts;
  if (!first) throw new RangeError('there is no part to join');
  if (rest.length === 0) {
    return { bytes: first.bytes, piece: first, firstRevision: first.revision, revision: first.revision };
  }
  const revisions = parts.map(({ revision }) => revision).toSorted((one, other) => (one < other ? -1 : 1));
  return {
    bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
    piece: first,
    firstRevision: revisions[0] ?? first.revision,
    revision: revisions.at(-1) ?? first.revision,
  };
}
