import type {
  AggregateDefinition,
  Command,
  CommandOutcome,
  FieldValues,
  Rejection,
  RejectionCode,
  User,
} from '@weft/client/protocol';
import { isAggregateId } from '@weft/client/protocol';
import { decide, type Decision } from '../domain/decide.ts';
import type { AggregateState } from '../domain/aggregateState.ts';
import { evolve } from '../domain/evolve.ts';
import type { EventStore, NewEvent, StreamName } from '../event-store/eventStore.ts';
import { toStreamName } from '../event-store/streamName.ts';
import type { Clock } from '../lifecycle/clock.ts';
import { createKeyedQueue } from '../lifecycle/keyedQueue.ts';
import { AGGREGATE_SCHEMA_VERSION, toEventData } from '../aggregates/aggregateCodec.ts';
import type { AggregateFold } from '../aggregates/aggregateFold.ts';
import type { AggregateRef, AggregateRepository } from '../aggregates/aggregateRepository.ts';
import { toToken } from '../aggregates/aggregateToken.ts';
import { fromMetadata, type KeptAnswer, toMetadata } from './commandMetadata.ts';
import { toEventId, toRequestHash } from './idempotency.ts';
import { findWriterView } from './writerView.ts';

export type CommandRequest = {
  readonly aggregate: string;
  readonly id: string;
  readonly command: Command;
  readonly user: User;
  /** Repeats with the same key are applied once. Default: none, and a repeat is another command. */
  readonly idempotencyKey?: string | undefined;
  /** Default: `'strict'`. */
  readonly handling?: 'strict' | 'lenient' | undefined;
  /** Whether anything newer than the token's state stops the command. Default: false. */
  readonly exact?: boolean | undefined;
  /** Decides a change or deletion and appends nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
};

export type CommandHandler = {
  /** Every expected outcome is a value; rejects only where the store fails. */
  execute(request: CommandRequest): Promise<CommandOutcome>;
};

export type CommandHandlerOptions = {
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  readonly store: EventStore;
  readonly repository: AggregateRepository;
  readonly clock: Clock;
  /** Makes the id of an event whose command has no idempotency key: a UUID. */
  readonly createId: () => string;
};

// Commands of one aggregate queue up in this process, so only writers in other processes make a decision stale.
const MAX_ATTEMPTS = 10;

type Attempt = CommandOutcome | 'stale';

export function createCommandHandler(options: CommandHandlerOptions): CommandHandler {
  const { definitions, store, repository, clock, createId } = options;
  const queue = createKeyedQueue<StreamName>();

  async function execute(request: CommandRequest): Promise<CommandOutcome> {
    const definition = definitions.get(request.aggregate);
    if (!definition) return reject('unknown-aggregate', 'there is no such aggregate type');
    if (!isAggregateId(request.id)) return reject('not-found', 'no aggregate can have this id');
    const ref = { definition, id: request.id };
    return queue.run(toStreamName(definition.name, request.id), () => attemptUntilFresh(ref, request));
  }

  async function attemptUntilFresh(ref: AggregateRef, request: CommandRequest): Promise<CommandOutcome> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const outcome = await attemptOnce(ref, request);
      if (outcome !== 'stale') return outcome;
    }
    return reject('overloaded', 'too many others write to this aggregate at once; try again');
  }

  async function attemptOnce(ref: AggregateRef, request: CommandRequest): Promise<Attempt> {
    const { command } = request;
    const fold = await repository.load(ref);
    const eventId = toIdOfEvent(ref, request);
    const repeated = fold.decided.get(eventId);
    if (repeated !== undefined) return answerRepeat(ref, fold, { command, revision: repeated });
    const found = await findWriterView(repository, ref, { fold, command });
    if (found.outcome === 'malformed-token') return reject('malformed-token', found.detail);
    const { handling = 'strict', exact = false } = request;
    const decision = decide(ref.definition, fold.state, {
      command,
      options: { view: found.view, handling, exact },
    });
    if (!('event' in decision) || decision.event === undefined || request.dryRun) {
      return toOutcome(ref, fold, decision);
    }
    return append(ref, fold, { request, decision: { ...decision, event: decision.event }, eventId });
  }

  function toIdOfEvent(ref: AggregateRef, { idempotencyKey }: CommandRequest): string {
    if (idempotencyKey === undefined) return createId();
    return toEventId(toStreamName(ref.definition.name, ref.id), idempotencyKey);
  }

  async function append(ref: AggregateRef, fold: AggregateFold, decided: Decided): Promise<Attempt> {
    const { request, decision } = decided;
    const event = toNewEvent(ref.definition, decided, new Date(clock.now()).toISOString());
    const stream = toStreamName(ref.definition.name, ref.id);
    const appended = await store.append(stream, [event], fold.point?.revision ?? 'no-stream');
    if (appended.outcome === 'wrong-expected-revision') return 'stale';
    if (appended.outcome === 'tombstoned') return reject('deleted', `this ${ref.definition.name} was erased`);
    if (appended.repeated)
      return answerRepeat(ref, fold, { command: request.command, revision: appended.firstRevision });
    const touch = { by: request.user, at: event.metadata.at };
    const state = evolve(fold.state, decision.event, touch);
    return {
      ...toAnswer(decision),
      fields: fieldsOf(state),
      token: toToken(stream, { revision: appended.lastRevision, eventId: event.id }),
    };
  }

  async function answerRepeat(
    ref: AggregateRef,
    fold: AggregateFold,
    { command, revision }: { readonly command: Command; readonly revision: bigint },
  ): Promise<CommandOutcome> {
    const stored = await repository.loadAt(ref, fold, revision);
    const kept = stored && fromMetadata(stored.event.metadata);
    if (!stored || kept?.requestHash !== toRequestHash(command)) {
      return reject('idempotency-key-reused', 'this idempotency key was used for another command');
    }
    return {
      ...toAnswer(kept.answer),
      fields: fieldsOf(stored.state),
      token: toToken(stored.event.stream, { revision, eventId: stored.event.id }),
    };
  }

  return { execute };
}

type AppliedDecision = Extract<Decision, { outcome: 'accepted' | 'merged' | 'partial' }>;

type Decided = {
  readonly request: CommandRequest;
  readonly decision: AppliedDecision & { readonly event: NonNullable<AppliedDecision['event']> };
  readonly eventId: string;
};

function reject(code: RejectionCode, detail: string): Rejection {
  return { outcome: 'rejected', code, detail };
}

function toNewEvent(
  definition: AggregateDefinition,
  { request, decision, eventId }: Decided,
  at: string,
): NewEvent {
  const { user, idempotencyKey, command } = request;
  const { outcome, changed, lost, conflicts } = decision;
  const answer: KeptAnswer = { outcome, changed, lost, conflicts };
  return {
    id: eventId,
    ...toEventData(definition, decision.event),
    metadata: {
      at,
      user,
      schemaVersion: AGGREGATE_SCHEMA_VERSION,
      ...(idempotencyKey !== undefined && {
        idempotencyKey,
        ...toMetadata({ requestHash: toRequestHash(command), answer }),
      }),
    },
  };
}

/** The outcome of a command that stored nothing. */
function toOutcome(
  { definition, id }: AggregateRef,
  fold: AggregateFold,
  decision: Decision,
): CommandOutcome {
  if (decision.outcome === 'rejected') {
    return {
      ...reject(decision.code, decision.detail),
      ...(decision.errors && { errors: [...decision.errors] }),
    };
  }
  const stream = toStreamName(definition.name, id);
  if (decision.outcome === 'conflict') {
    if (!fold.point) throw new Error(`${stream} is empty and in conflict`);
    return { outcome: 'conflict', conflicts: [...decision.conflicts], token: toToken(stream, fold.point) };
  }
  if (!fold.point) throw new Error(`${stream} is empty and took a command that stores nothing`);
  const fields = fieldsOf(fold.state);
  const would = decision.event?.kind === 'changed' ? { ...fields, ...decision.event.changes } : fields;
  return { ...toAnswer(decision), fields: would, token: toToken(stream, fold.point) };
}

function fieldsOf(state: AggregateState): FieldValues {
  return state.status === 'existing' ? state.fields : {};
}

type Answer =
  | { outcome: 'accepted' | 'merged'; changed: string[]; lost?: KeptAnswer['lost'][number][] }
  | {
      outcome: 'partial';
      changed: string[];
      conflicts: KeptAnswer['conflicts'][number][];
      lost?: KeptAnswer['lost'][number][];
    };

function toAnswer({ outcome, changed, lost, conflicts }: KeptAnswer): Answer {
  const common = { changed: [...changed], ...(lost.length > 0 && { lost: [...lost] }) };
  return outcome === 'partial' ? { outcome, ...common, conflicts: [...conflicts] } : { outcome, ...common };
}
