import type { AggregateFold } from '../../aggregates/aggregateFold.ts';
import type { AggregateRef } from '../../aggregates/aggregateRef.ts';
import type { AggregateRepository } from '../../aggregates/aggregateRepository.ts';
import type { ReadToken } from '../../aggregates/aggregateToken.ts';
import type { AggregateState } from '../../domain/aggregateState.ts';
import { type Malformed, malformedToken } from './malformed.ts';

export type SeenState =
  | { readonly outcome: 'seen'; readonly state: AggregateState }
  /** The history no longer holds it. */
  | { readonly outcome: 'unknown' }
  | Malformed;

/** The state that a token of an aggregate stands for. */
export async function findSeenState(
  repository: AggregateRepository,
  { ref, fold }: { readonly ref: AggregateRef; readonly fold: AggregateFold },
  { revision, isOf }: ReadToken,
): Promise<SeenState> {
  if (!fold.point || revision > fold.point.revision) {
    return malformedToken('is of a state that has not been reached');
  }
  const known = await repository.loadAt(ref, fold, revision);
  if (!known || !isOf(known.event.id)) return { outcome: 'unknown' };
  return { outcome: 'seen', state: known.state };
}
