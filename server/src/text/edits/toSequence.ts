import { isEqual } from '@weft/client/protocol';
import type { Json } from '../../event-store/eventStore.ts';
import type { Attributes, TextOp } from './contentJson.ts';
import { PLACEHOLDER, type Sequence } from './sequence.ts';

/** Ops with their places, as Yjs counts: code units of text, and one for anything else. */
export type PlacedOps = {
  readonly ops: readonly TextOp[];
  /** Of each op. */
  readonly starts: readonly number[];
  readonly length: number;
};

/** What to do to a text, from its beginning on, as in Quill's deltas. Formatting that is null is taken away. */
export type DeltaStep = {
  readonly retain?: number;
  readonly delete?: number;
  readonly insert?: unknown;
  readonly attributes?: Attributes;
};

export function placeOps(ops: readonly TextOp[]): PlacedOps {
  const starts: number[] = [];
  let length = 0;
  for (const op of ops) {
    starts.push(length);
    length += lengthOf(op);
  }
  return { ops, starts, length };
}

export function lengthOf({ insert }: TextOp): number {
  return typeof insert === 'string' ? insert.length : 1;
}

export function toSequence({ ops, starts }: PlacedOps): Sequence {
  const things = new Map<number, string>();
  ops.forEach(({ insert }, index) => {
    if (typeof insert !== 'string') things.set(starts[index] ?? 0, JSON.stringify(insert));
  });
  return {
    text: ops.map(({ insert }) => (typeof insert === 'string' ? insert : PLACEHOLDER)).join(''),
    things,
  };
}

/** The ops between two places, those at the ends cut. */
export function sliceOps({ ops, starts }: PlacedOps, start: number, end: number): TextOp[] {
  const slice: TextOp[] = [];
  if (start === end) return slice;
  for (let index = findOp(starts, start); index < ops.length; index++) {
    const op = ops[index];
    const place = starts[index] ?? 0;
    if (!op || place >= end) break;
    const cut =
      typeof op.insert === 'string' ? op.insert.slice(Math.max(0, start - place), end - place) : op.insert;
    if (cut !== '') slice.push({ ...op, insert: cut });
  }
  return slice;
}

/** The index of the op that a place is in. */
export function findOp(starts: readonly number[], place: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** What makes the formatting of one stretch that of another; undefined where it is the same. */
export function diffAttributes(base: Attributes = {}, target: Attributes = {}): Attributes | undefined {
  const changes: [string, Json][] = [];
  for (const [key, value] of Object.entries(target)) {
    if (!isEqual(base[key], value)) changes.push([key, value]);
  }
  for (const key of Object.keys(base)) {
    if (!Object.hasOwn(target, key)) changes.push([key, null]);
  }
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}
