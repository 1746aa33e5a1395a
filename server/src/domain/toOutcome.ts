import type { FieldConflict } from '@weft/client/protocol';
import type { ExistingAggregate } from './aggregateState.ts';
import type { Applied, WriterView } from './decision.ts';
import { listChangedSince } from './judgeChange.ts';

/** Merged is what is applied beside values that the writer has not seen. */
export function toOutcome(
  state: ExistingAggregate,
  view: WriterView,
  conflicts: readonly FieldConflict[],
): Applied['outcome'] {
  if (conflicts.length > 0) return 'partial';
  const isBeside = view.kind === 'older' && listChangedSince(state, view.seen).length > 0;
  return isBeside ? 'merged' : 'accepted';
}
