import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AggregateDefinition, ConsistencyToken, FieldConflict } from '@weft/client/protocol';
import { isAggregateId } from '@weft/client/protocol';
import type { AggregateFold } from '../aggregates/aggregateFold.ts';
import type { AggregateRef, AggregateRepository } from '../aggregates/aggregateRepository.ts';
import { readToken, type ReadToken } from '../aggregates/aggregateToken.ts';
import type { AggregateState, ExistingAggregate } from '../domain/aggregateState.ts';
import type { DecideOptions, WriterView } from '../domain/decision.ts';
import { listChangesSince } from '../domain/judgeChange.ts';
import type { StreamName } from '../event-store/eventStore.ts';
import { toAggregateId, toCategory, toStreamName } from '../event-store/streamName.ts';
import type { CommandRequest, FieldsMatch } from './commandRequest.ts';

/** What the writer of a command saw, and what is not as it said. */
export type Preconditions = Pick<DecideOptions, 'view' | 'unmatched' | 'elsewhere'>;

export type PreconditionsResult =
  | ({ readonly outcome: 'found' } & Preconditions)
  | {
      readonly outcome: 'malformed';
      readonly code: 'malformed-token' | 'malformed-request';
      readonly detail: string;
    };

type Malformed = Extract<PreconditionsResult, { outcome: 'malformed' }>;
type FoundView = { readonly outcome: 'view'; readonly view: WriterView } | Malformed;

export type PreconditionSources = {
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  readonly repository: AggregateRepository;
};

/** Compares what a command says its writer saw with what is stored. */
export async function findPreconditions(
  sources: PreconditionSources,
  ref: AggregateRef,
  { fold, request }: { readonly fold: AggregateFold; readonly request: CommandRequest },
): Promise<PreconditionsResult> {
  const own = await findView(sources.repository, ref, { fold, command: request.command });
  if (own.outcome === 'malformed') return own;
  const matched = findUnmatched(ref.definition, fold.state, request.fieldsMatch);
  if (matched.outcome === 'malformed') return matched;
  let { view } = own;
  const elsewhere: FieldConflict[] = [];
  for (const token of request.dependsOn ?? []) {
    const dependency = await findDependency(sources, token);
    if (dependency.outcome === 'malformed') return dependency;
    // What was seen elsewhere is no longer known, and there is no saying what changed: all must be read again.
    if (dependency.outcome === 'unknown') view = { kind: 'unknown' };
    else elsewhere.push(...dependency.conflicts);
  }
  return { outcome: 'found', view, unmatched: matched.fields, elsewhere };
}

async function findView(
  repository: AggregateRepository,
  ref: AggregateRef,
  { fold, command }: { readonly fold: AggregateFold; readonly command: CommandRequest['command'] },
): Promise<FoundView> {
  const { token, seen } = command.kind === 'create' ? {} : command;
  if (token === undefined) return toView({ kind: 'unguarded', seen });
  const read = readToken(token);
  if (!read) return malformedToken('is malformed');
  if (read.stream !== toStreamName(ref.definition.name, ref.id)) {
    return malformedToken('is of another aggregate');
  }
  const found = await findSeen(repository, { ref, fold }, read);
  if (found.outcome === 'malformed') return found;
  if (found.outcome === 'unknown') return toView({ kind: 'unknown' });
  // Of what was deleted nothing is left to compare, and every command is refused.
  if (found.state.status !== 'existing' || (found.isNewest && seen === undefined)) {
    return toView({ kind: 'current' });
  }
  return toView({ kind: 'older', seen: { ...found.state.fields, ...seen } });
}

type FoundDependency =
  | { readonly outcome: 'compared'; readonly conflicts: readonly FieldConflict[] }
  | { readonly outcome: 'unknown' }
  | Malformed;

async function findDependency(
  { definitions, repository }: PreconditionSources,
  token: ConsistencyToken,
): Promise<FoundDependency> {
  const read = readToken(token);
  const ref = read && toRef(definitions, read.stream);
  if (!read || !ref) return malformedToken('is malformed');
  const fold = await repository.load(ref);
  const found = await findSeen(repository, { ref, fold }, read);
  if (found.outcome !== 'seen') return found;
  if (found.state.status !== 'existing') return { outcome: 'compared', conflicts: [] };
  const of = { aggregate: ref.definition.name, id: ref.id };
  const conflicts = listDifferences(found.state, fold.state).map((conflict) => ({ ...conflict, of }));
  return { outcome: 'compared', conflicts };
}

function toRef(
  definitions: ReadonlyMap<string, AggregateDefinition>,
  stream: StreamName,
): AggregateRef | undefined {
  const definition = definitions.get(toCategory(stream));
  const id = toAggregateId(stream);
  return definition && isAggregateId(id) ? { definition, id } : undefined;
}

type FoundState =
  | { readonly outcome: 'seen'; readonly state: AggregateState; readonly isNewest: boolean }
  /** The history no longer holds it. */
  | { readonly outcome: 'unknown' }
  | Malformed;

/** The state that a token stands for. */
async function findSeen(
  repository: AggregateRepository,
  { ref, fold }: { readonly ref: AggregateRef; readonly fold: AggregateFold },
  { revision, isOf }: ReadToken,
): Promise<FoundState> {
  if (!fold.point || revision > fold.point.revision) {
    return malformedToken('is of a state that has not been reached');
  }
  const known = await repository.loadAt(ref, fold, revision);
  if (!known || !isOf(known.event.id)) return { outcome: 'unknown' };
  return { outcome: 'seen', state: known.state, isNewest: revision === fold.point.revision };
}

/** Of what was deleted meanwhile, every field changed. */
function listDifferences(seen: ExistingAggregate, now: AggregateState): FieldConflict[] {
  if (now.status === 'existing') return listChangesSince(now, seen.fields, {});
  if (now.status === 'missing') return [];
  const { by, at } = now;
  return Object.entries(seen.fields).map(([field, was]) => ({ field, was, by, at }));
}

function findUnmatched(
  definition: AggregateDefinition,
  state: AggregateState,
  match: FieldsMatch | undefined,
): { readonly outcome: 'compared'; readonly fields: readonly string[] } | Malformed {
  if (!match) return { outcome: 'compared', fields: [] };
  const unknown = match.fields.find((field) => !Object.hasOwn(definition.fields, field));
  if (unknown !== undefined) {
    const detail = `Fields-Match names '${unknown}', and there is no such field`;
    return { outcome: 'malformed', code: 'malformed-request', detail };
  }
  // What is not there is refused as such.
  if (state.status !== 'existing') return { outcome: 'compared', fields: [] };
  const values = Object.fromEntries(match.fields.map((field) => [field, state.fields[field]]));
  const isMatch = hash('sha256', canonicalize(values) ?? '', 'base64') === match.sha256;
  return { outcome: 'compared', fields: isMatch ? [] : match.fields };
}

function toView(view: WriterView): FoundView {
  return { outcome: 'view', view };
}

function malformedToken(complaint: string): Malformed {
  return { outcome: 'malformed', code: 'malformed-token', detail: `the consistency token ${complaint}` };
}
