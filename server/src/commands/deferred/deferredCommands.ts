import type { AggregateDefinition, CommandOutcome, Rejection, User } from '@weft/client/protocol';
import { toStreamOf } from '../../aggregates/aggregateRef.ts';
import type { EventStore } from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';
import { toUuid } from '../../lifecycle/toUuid.ts';
import type { AskedCommand } from '../askedCommand.ts';
import type { CommandHandler } from '../commandHandler.ts';
import type { CommandRequest } from '../commandRequest.ts';
import { createDeferredAttempts } from './deferredAttempts.ts';
import { readDeferred, toAcceptedEvent, toDeferredStream } from './deferredEvents.ts';
import { createDeferredQueue, type DeferredEntry } from './deferredQueue.ts';
import { findUnsettled } from './deferredResumption.ts';
import { createDeferredSettlement } from './deferredSettlement.ts';
import { toRequestHash } from '../idempotency.ts';
import { findTarget } from '../findTarget.ts';
import { reject } from '../reject.ts';

/** What has become of a command that nobody waited for. */
export type DeferredCommand = {
  readonly asked: AskedCommand;
  /** Undefined while it is not settled. */
  readonly outcome: CommandOutcome | undefined;
};

export type Acceptance = { readonly outcome: 'pending'; readonly id: string } | Rejection;

/** Commands that are carried out without anybody waiting: stored before they are accepted, and settled for certain. */
export type DeferredCommands = {
  /**
   * Durable when it resolves. A repeat with the same idempotency key answers the same id. Rejects where the store
   * fails; the command may have been accepted all the same.
   */
  accept(request: CommandRequest): Promise<Acceptance>;
  /** Undefined where there is no such command of this person's on this aggregate. */
  find(
    at: { readonly aggregate: string; readonly id: string; readonly request: string },
    user: User,
  ): Promise<DeferredCommand | undefined>;
  /** Resolves when a command is settled or is not known to wait; at the latest on `close`. */
  whenSettled(requestId: string): Promise<void>;
  /** Accepts nothing more and waits for what is under way; what waits is carried out after the next start. */
  close(): Promise<void>;
};

export type DeferredCommandsOptions = {
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  readonly store: EventStore;
  readonly commands: Pick<CommandHandler, 'execute'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes a UUID, for a command without an idempotency key. */
  readonly createId: () => string;
  /** Commands that are carried out at once. Default: 64. */
  readonly maxUnderWay?: number | undefined;
  /** Commands that wait or are under way, beyond which none is accepted. Default: 10,000. */
  readonly maxUnsettled?: number | undefined;
};

const MAX_UNDER_WAY = 64;
const MAX_UNSETTLED = 10_000;

const REQUEST_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Begins at once with what was accepted before the last stop and is not settled. */
export function createDeferredCommands(options: DeferredCommandsOptions): DeferredCommands {
  const { definitions, store, clock, logger, createId } = options;
  const { maxUnderWay = MAX_UNDER_WAY, maxUnsettled = MAX_UNSETTLED } = options;
  const attempts = createDeferredAttempts(clock, logger);
  const carryOut = createDeferredSettlement({ ...options, attempts });
  const queue = createDeferredQueue({ maxUnderWay, carryOut });
  let appending = 0;
  let isClosed = false;
  // Until the contrary is known: what was accepted earlier comes first, and nothing is promised behind it in vain.
  let canResume = true;
  const resumed = resume();

  async function resume(): Promise<void> {
    const unsettled = await attempts.untilDone({
      failure: 'the commands that were deferred before the start could not be read',
      subject: {},
      run: () => findUnsettled(store, () => isClosed),
    });
    if (unsettled) queue.open(unsettled);
    else canResume = isClosed;
  }

  async function accept(request: CommandRequest): Promise<Acceptance> {
    const { idempotencyKey } = request;
    const target = findTarget(definitions, request);
    if ('outcome' in target) return target;
    if (!canResume) return reject('internal', 'the fault was logged');
    const requestId = idempotencyKey === undefined ? createId() : toRequestId(request, idempotencyKey);
    const entry = { id: requestId, target: toStreamOf(target) };
    const hasRoom = !isClosed && queue.size + appending < maxUnsettled;
    if (hasRoom && (await append(entry, request))) return { outcome: 'pending', id: requestId };
    return (await findRepeat(entry, request)) ?? reject('overloaded', 'too much waits already; try again');
  }

  /** Whether it was stored by this call. */
  async function append(entry: DeferredEntry, request: CommandRequest): Promise<boolean> {
    const event = toAcceptedEvent(entry.id, request, new Date(clock.now()).toISOString());
    appending++;
    try {
      const appended = await store.append(toDeferredStream(entry.id), [event], 'no-stream');
      const isNew = appended.outcome === 'appended' && !appended.repeated;
      if (isNew) queue.add(entry);
      return isNew;
    } catch (error) {
      // It may be stored. When its turn comes, that is known.
      queue.add(entry);
      throw error;
    } finally {
      appending--;
    }
  }

  async function findRepeat(
    entry: DeferredEntry,
    { idempotencyKey, command }: CommandRequest,
  ): Promise<Acceptance | undefined> {
    const stored = idempotencyKey === undefined ? undefined : await readDeferred(store, entry.id);
    if (!stored) return undefined;
    if (stored.requestHash !== toRequestHash(command)) {
      return reject('idempotency-key-reused', 'this idempotency key was used for another command');
    }
    // Nobody may know of it, where the store failed as it was accepted.
    if (stored.state === 'accepted') queue.add(entry);
    return { outcome: 'pending', id: entry.id };
  }

  const find: DeferredCommands['find'] = async ({ aggregate, id, request }, user) => {
    const stored = REQUEST_ID.test(request) ? await readDeferred(store, request) : undefined;
    if (stored?.user.id !== user.id) return undefined;
    const { asked } = stored;
    if (asked.aggregate !== aggregate || asked.id !== id) return undefined;
    return { asked, outcome: stored.state === 'settled' ? stored.outcome : undefined };
  };

  return {
    accept,
    find,
    whenSettled: (requestId) => queue.whenGone(requestId),
    close: async () => {
      isClosed = true;
      attempts.close();
      await Promise.all([resumed, queue.close()]);
    },
  };
}

/** The same for every repeat by the same person. */
function toRequestId({ aggregate, id, user }: CommandRequest, idempotencyKey: string): string {
  return toUuid(['deferred', aggregate, id, user.id, idempotencyKey].join('\0'));
}
