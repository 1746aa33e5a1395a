import type { AggregateDefinition, ConsistencyToken, FieldConflict } from '@weft/client/protocol';
import { toRefOf } from '../../aggregates/aggregateRef.ts';
import type { AggregateRepository } from '../../aggregates/aggregateRepository.ts';
import { readToken } from '../../aggregates/aggregateToken.ts';
import type { AggregateState, ExistingAggregate } from '../../domain/aggregateState.ts';
import { listChangesSince } from '../../domain/judgeChange.ts';
import { findSeenState } from './findSeenState.ts';
import { type Malformed, malformedToken } from './malformed.ts';

export type Dependency =
  | { readonly outcome: 'compared'; readonly conflicts: readonly FieldConflict[] }
  /** What was seen is no longer known. */
  | { readonly outcome: 'unknown' }
  | Malformed;

export type DependencySources = {
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  readonly repository: AggregateRepository;
};

/** What changed, since a token, in the aggregate that it is of. */
export async function findDependency(
  { definitions, repository }: DependencySources,
  token: ConsistencyToken,
): Promise<Dependency> {
  const read = readToken(token);
  const ref = read && toRefOf(definitions, read.stream);
  if (!read || !ref) return malformedToken('is malformed');
  const fold = await repository.load(ref);
  const found = await findSeenState(repository, { ref, fold }, read);
  if (found.outcome !== 'seen') return found;
  if (found.state.status !== 'existing') return { outcome: 'compared', conflicts: [] };
  const of = { aggregate: ref.definition.name, id: ref.id };
  const conflicts = listDifferences(found.state, fold.state).map((conflict) => ({ ...conflict, of }));
  return { outcome: 'compared', conflicts };
}

/** Of what was deleted meanwhile, every field changed. */
function listDifferences(seen: ExistingAggregate, now: AggregateState): FieldConflict[] {
  if (now.status === 'existing') return listChangesSince(now, seen.fields, {});
  if (now.status === 'missing') return [];
  const { by, at } = now;
  return Object.entries(seen.fields).map(([field, was]) => ({ field, was, by, at }));
}
