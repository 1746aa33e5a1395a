import type * as Y from 'yjs';
import { isHalvedAt } from './sequence.ts';
import type { DeltaStep } from './toSequence.ts';

// Of one transaction, which makes one update: what a room takes in one is limited.
const MAX_INSERTED = 1024 * 1024;
const MAX_STEPS = 10_000;

/** Applies a delta to a text, a large one in several transactions. */
export function applyDelta(text: Y.Text, steps: readonly DeltaStep[]): void {
  let batch: DeltaStep[] = [];
  let inserted = 0;
  /** Where the text has come to, and where it had when the batch began. */
  let place = 0;
  let begin = 0;
  const flush = () => {
    if (batch.length > 0) text.applyDelta(begin > 0 ? [{ retain: begin }, ...batch] : batch);
    [batch, inserted, begin] = [[], 0, place];
  };
  for (const step of steps.flatMap(cutStep)) {
    if (batch.length >= MAX_STEPS || inserted + insertedBy(step) > MAX_INSERTED) flush();
    batch.push(step);
    inserted += insertedBy(step);
    place += (step.retain ?? 0) + insertedBy(step);
  }
  // What is kept at the end needs no step.
  while (batch.length > 0 && isPlainRetain(batch.at(-1))) batch.pop();
  flush();
}

function insertedBy({ insert }: DeltaStep): number {
  if (insert === undefined) return 0;
  return typeof insert === 'string' ? insert.length : 1;
}

function isPlainRetain(step: DeltaStep | undefined): boolean {
  return step?.retain !== undefined && step.attributes === undefined;
}

/** Cuts a long text into pieces, none of them within a surrogate pair. */
function cutStep(step: DeltaStep): DeltaStep[] {
  const { insert } = step;
  if (typeof insert !== 'string' || insert.length <= MAX_INSERTED) return [step];
  const pieces: DeltaStep[] = [];
  for (let start = 0; start < insert.length;) {
    const full = start + MAX_INSERTED;
    const end = isHalvedAt(insert, full) ? full - 1 : full;
    pieces.push({ ...step, insert: insert.slice(start, end) });
    start = end;
  }
  return pieces;
}
