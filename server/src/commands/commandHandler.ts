import type { AggregateDefinition, CommandOutcome, ConsistencyToken, Rejection } from '@weft/client/protocol';
import type { AggregateFold } from '../aggregates/aggregateFold.ts';
import { type AggregateRef, toStreamOf } from '../aggregates/aggregateRef.ts';
import type { AggregateRepository } from '../aggregates/aggregateRepository.ts';
import { toToken } from '../aggregates/aggregateToken.ts';
import { decide } from '../domain/decide.ts';
import type { Applied, Decision } from '../domain/decision.ts';
import type { EventStore, StreamName } from '../event-store/eventStore.ts';
import type { Clock } from '../lifecycle/clock.ts';
import { createKeyedQueue } from '../lifecycle/keyedQueue.ts';
import { fromMetadata } from './commandMetadata.ts';
import type { CommandRequest } from './commandRequest.ts';
import type { Decided } from './decided.ts';
import { findTarget } from './findTarget.ts';
import { toEventId, toRequestHash } from './idempotency.ts';
import type { LosingValues } from './losingValues.ts';
import { findPreconditions } from './preconditions/preconditions.ts';
import { type Rehearsal, toRehearsal } from './rehearsal.ts';
import { reject } from './reject.ts';
import { toAnswer } from './toAnswer.ts';
import { toNewEvents } from './toNewEvents.ts';
import { createUnstoredAnswers } from './unstoredAnswers.ts';

export type CommandHandler = {
  /** Every expected outcome is a value; rejects only where the store fails. */
  execute(request: CommandRequest): Promise<CommandOutcome>;
  /** What the command would be answered and what it would append, as of now; stores nothing. */
  rehearse(request: CommandRequest): Promise<Rehearsal>;
};

export type CommandHandlerOptions = {
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  readonly store: EventStore;
  readonly repository: AggregateRepository;
  readonly losingValues: LosingValues;
  readonly clock: Clock;
  /** Makes the id of an event whose command has no idempotency key: a UUID. */
  readonly createId: () => string;
};

// Commands of one aggregate queue up in this process, so only writers in other processes make a decision stale.
const MAX_ATTEMPTS = 10;

export function createCommandHandler(options: CommandHandlerOptions): CommandHandler {
  const { definitions, store, repository, losingValues, clock, createId } = options;
  const queue = createKeyedQueue<StreamName>();
  const unstoredAnswers = createUnstoredAnswers();

  async function execute(request: CommandRequest): Promise<CommandOutcome> {
    const found = findTarget(definitions, request);
    if ('outcome' in found) return found;
    return queue.run(toStreamOf(found), () => settle(found, request));
  }

  async function rehearse(request: CommandRequest): Promise<Rehearsal> {
    const found = findTarget(definitions, request);
    if ('outcome' in found) return found;
    const fold = await repository.load(found);
    const repeat = await findRepeat(found, fold, request);
    if (repeat) return repeat;
    const { decision, at } = await judge(found, fold, request);
    return toRehearsal(found, fold, { decision, touch: { by: request.user, at } });
  }

  /**
   * Decides on what this process knows and appends to exactly that. Where another process was first, and where the
   * answer would be one that stores nothing, it is decided anew on what the store has: nobody is told of a conflict
   * that is none any more.
   */
  async function settle(ref: AggregateRef, request: CommandRequest): Promise<CommandOutcome> {
    const asked = { request, eventId: toIdOfEvent(ref, request) };
    const unstored = unstoredAnswers.find(asked.eventId, request);
    if (unstored) return unstored;
    const stored = await storeOnKnown(ref, asked);
    if (stored) return stored;
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      const fold = await repository.load(ref);
      const outcome = (await findRepeat(ref, fold, request)) ?? (await answerOnNewest(ref, fold, asked));
      if (outcome !== 'stale') return outcome;
    }
    return reject('overloaded', 'too many others write to this aggregate at once; try again');
  }

  /** Undefined where what this process knows does not suffice for an answer. */
  async function storeOnKnown(ref: AggregateRef, asked: Asked): Promise<CommandOutcome | undefined> {
    const fold = await repository.peek(ref);
    await losingValues.catchUp(ref, fold);
    // What a definition throws on a state that may be old is no answer: it is asked again on the newest.
    const judged = await judge(ref, fold, asked.request).catch(() => undefined);
    if (!judged || !isStoring(judged.decision)) return undefined;
    const outcome = await append(ref, fold, { ...asked, at: judged.at, decision: judged.decision });
    return outcome === 'stale' ? undefined : outcome;
  }

  async function answerOnNewest(
    ref: AggregateRef,
    fold: AggregateFold,
    asked: Asked,
  ): Promise<CommandOutcome | 'stale'> {
    await losingValues.catchUp(ref, fold);
    const { decision, at } = await judge(ref, fold, asked.request);
    return isStoring(decision)
      ? append(ref, fold, { ...asked, at, decision })
      : answerUnstored(ref, fold, { ...asked, at, decision });
  }

  function toIdOfEvent(ref: AggregateRef, { idempotencyKey }: CommandRequest): string {
    return idempotencyKey === undefined ? createId() : toEventId(toStreamOf(ref), idempotencyKey);
  }

  async function judge(ref: AggregateRef, fold: AggregateFold, request: CommandRequest): Promise<Judged> {
    const at = new Date(clock.now()).toISOString();
    const found = await findPreconditions({ definitions, repository }, ref, { fold, request });
    if (found.outcome === 'malformed') {
      return { decision: { ...found, outcome: 'rejected' }, at };
    }
    const { command, user, handling = 'strict', exact = false } = request;
    const context = { id: ref.id, user, at };
    const decision = decide(ref.definition, fold.state, {
      command,
      options: { ...found, handling, exact, context },
    });
    return { decision, at };
  }

  async function append(
    ref: AggregateRef,
    fold: AggregateFold,
    decided: Decided<Applied>,
  ): Promise<CommandOutcome | 'stale'> {
    const { request, decision } = decided;
    const stream = toStreamOf(ref);
    const events = toNewEvents(ref.definition, decided);
    const appended = await store.append(stream, events, fold.point?.revision ?? 'no-stream');
    if (appended.outcome === 'wrong-expected-revision') return 'stale';
    if (appended.outcome === 'tombstoned') return reject('deleted', `this ${ref.definition.name} was erased`);
    // Whoever stored it before us knows the answer.
    if (appended.repeated) return (await findRepeat(ref, await repository.load(ref), request)) ?? 'stale';
    const stored = events.map((event, index) => ({
      ...event,
      stream,
      revision: appended.firstRevision + BigInt(index),
    }));
    const next = repository.advance(ref, fold, stored);
    await losingValues.catchUp(ref, next);
    return { ...toAnswer(decision, next.state), token: tokenOf(ref, next) };
  }

  async function answerUnstored(
    ref: AggregateRef,
    fold: AggregateFold,
    { decision, request, eventId, at }: Decided<Decision>,
  ): Promise<CommandOutcome> {
    if (decision.outcome === 'rejected') return toRejection(decision);
    // Apart from what a later repeat may lose when it is applied.
    const cause = `unstored ${eventId}`;
    await losingValues.keep(ref, { cause, values: decision.losing, writer: request.user, at });
    const token = tokenOf(ref, fold);
    if (decision.outcome === 'conflict') {
      return { outcome: 'conflict', conflicts: [...decision.conflicts], token };
    }
    const answer = { ...toAnswer(decision, fold.state), token };
    unstoredAnswers.keep(eventId, request, answer);
    return answer;
  }

  /** The answer to a command that was applied under this key before. */
  async function findRepeat(
    ref: AggregateRef,
    fold: AggregateFold,
    { idempotencyKey, command }: CommandRequest,
  ): Promise<CommandOutcome | undefined> {
    if (idempotencyKey === undefined) return undefined;
    const stream = toStreamOf(ref);
    const event = await store.findEvent(stream, toEventId(stream, idempotencyKey));
    if (!event) return undefined;
    const kept = fromMetadata(event.metadata);
    if (kept?.requestHash !== toRequestHash(command)) {
      return reject('idempotency-key-reused', 'this idempotency key was used for another command');
    }
    const led = await repository.loadAt(ref, fold, event.revision);
    if (!led) throw new Error(`${stream} holds event ${event.revision}, and what came before it is gone`);
    await losingValues.catchUp(ref, fold);
    const token = toToken(stream, { revision: event.revision, eventId: event.id });
    return { ...toAnswer(kept.answer, led.state), token };
  }

  return { execute, rehearse };
}

type Asked = Pick<Decided<Decision>, 'request' | 'eventId'>;

type Judged = { readonly decision: Decision; /** ISO 8601. */ readonly at: string };

function tokenOf(ref: AggregateRef, { point }: AggregateFold): ConsistencyToken {
  if (!point) throw new Error(`${toStreamOf(ref)} is empty and took a command`);
  return point.token;
}

function toRejection({ code, detail, errors }: Extract<Decision, { outcome: 'rejected' }>): Rejection {
  return { ...reject(code, detail), ...(errors && { errors: [...errors] }) };
}

function isStoring(decision: Decision): decision is Applied {
  return 'events' in decision && decision.events.length > 0;
}
