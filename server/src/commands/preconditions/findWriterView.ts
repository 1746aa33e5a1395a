import {
  type AggregateDefinition,
  type ConsistencyToken,
  type FieldValues,
  isEqual,
  validateFields,
} from '@weft/client/protocol';
import type { AggregateFold } from '../../aggregates/aggregateFold.ts';
import { type AggregateRef, toStreamOf } from '../../aggregates/aggregateRef.ts';
import type { AggregateRepository } from '../../aggregates/aggregateRepository.ts';
import { readToken } from '../../aggregates/aggregateToken.ts';
import type { AggregateState } from '../../domain/aggregateState.ts';
import type { WriterView } from '../../domain/decision.ts';
import type { CommandRequest } from '../commandRequest.ts';
import { findSeenState, type SeenState } from './findSeenState.ts';
import { type Malformed, malformedToken } from './malformed.ts';

export type FoundView = { readonly outcome: 'view'; readonly view: WriterView } | Malformed;

type Place = { readonly ref: AggregateRef; readonly fold: AggregateFold };

/** What the writer of a command saw, from its token and the values that it says it saw. */
export async function findWriterView(
  repository: AggregateRepository,
  place: Place,
  command: CommandRequest['command'],
): Promise<FoundView> {
  const { token, seen } = command.kind === 'create' ? {} : command;
  if (token === undefined) return toUnguarded(place, seen);
  if (token === place.fold.point?.token && seen === undefined) return toView({ kind: 'current' });
  const found = await findOwnState(repository, place, token);
  if (found.outcome === 'malformed') return found;
  if (found.outcome === 'unknown') return toView({ kind: 'unknown' });
  // Of what was deleted nothing is left to compare, and every command is refused.
  if (found.state.status !== 'existing') return toView({ kind: 'current' });
  return (
    checkSeen(place.ref.definition, { seen, stored: found.state }) ??
    toView({ kind: 'older', seen: { ...found.state.fields, ...seen } })
  );
}

function toUnguarded({ ref, fold }: Place, seen: FieldValues | undefined): FoundView {
  return checkSeen(ref.definition, { seen, stored: fold.state }) ?? toView({ kind: 'unguarded', seen });
}

async function findOwnState(
  repository: AggregateRepository,
  place: Place,
  token: ConsistencyToken,
): Promise<SeenState> {
  const read = readToken(token);
  if (!read) return malformedToken('is malformed');
  if (read.stream !== toStreamOf(place.ref)) return malformedToken('is of another aggregate');
  return findSeenState(repository, place, read);
}

/**
 * Refuses what nobody can have seen: merge functions are given it, and count on its type. What is stored is not asked
 * about, for it may be older than its schema.
 */
function checkSeen(
  definition: AggregateDefinition,
  { seen = {}, stored }: { readonly seen: FieldValues | undefined; readonly stored: AggregateState },
): Malformed | undefined {
  const fields = stored.status === 'existing' ? stored.fields : {};
  const doubtful = Object.entries(seen).filter(([field, value]) => !isEqual(value, fields[field]));
  const { issues } = validateFields(definition, Object.fromEntries(doubtful));
  if (issues.length === 0) return undefined;
  const errors = issues.map(({ path, message }) => ({ path: `seen.${path}`, message }));
  return { outcome: 'malformed', code: 'invalid-fields', detail: 'nobody can have seen this', errors };
}

function toView(view: WriterView): FoundView {
  return { outcome: 'view', view };
}
