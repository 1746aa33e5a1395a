import type * as Y from 'yjs';
import type { DeltaStep } from './toSequence.ts';

/** Applies a delta to a text; what is kept at its end needs no step. */
export function applyDelta(text: Y.Text, steps: readonly DeltaStep[]): void {
  const last = steps.findLastIndex((step) => !isPlainRetain(step));
  if (last !== -1) text.applyDelta(steps.slice(0, last + 1));
}

function isPlainRetain({ retain, attributes }: DeltaStep): boolean {
  return retain !== undefined && attributes === undefined;
}
