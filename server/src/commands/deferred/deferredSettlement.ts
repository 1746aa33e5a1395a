import type { CommandOutcome } from '@weft/client/protocol';
import type { EventStore } from '../../event-store/eventStore.ts';
import { isPassingFault } from '../../event-store/eventStoreError.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';
import type { CommandHandler } from '../commandHandler.ts';
import type { CommandRequest } from '../commandRequest.ts';
import type { DeferredAttempts } from './deferredAttempts.ts';
import { readDeferred, type StoredDeferred, toDeferredStream, toSettledEvent } from './deferredEvents.ts';
import type { DeferredEntry } from './deferredQueue.ts';

export type DeferredSettlementOptions = {
  readonly store: EventStore;
  readonly commands: Pick<CommandHandler, 'execute'>;
  readonly attempts: DeferredAttempts;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Carries out an accepted command and stores its outcome. Never rejects. */
export function createDeferredSettlement(
  options: DeferredSettlementOptions,
): (entry: DeferredEntry) => Promise<void> {
  const { store, commands, attempts, clock, logger } = options;

  return async ({ id, target }) => {
    const subject = { request: id, stream: target };
    const failure = 'a deferred command could not be settled';
    const persist = <Result>(run: () => Promise<Result | undefined>) =>
      attempts.untilDone({ failure, subject, run });

    const stored = await persist(async () => (await readDeferred(store, id)) ?? 'missing');
    if (stored === undefined || stored === 'missing' || stored.state === 'settled') return;
    // Without a key of the client's, the request's own id keeps a command from being applied twice.
    const request = { ...stored.request, idempotencyKey: stored.request.idempotencyKey ?? id };
    const outcome = await persist(() => execute(request, subject));
    if (outcome) await persist(() => settle(id, stored, outcome));
  };

  /** Undefined where it must be tried again: the store is away, or too many others write. */
  async function execute(request: CommandRequest, subject: object): Promise<CommandOutcome | undefined> {
    try {
      const outcome = await commands.execute(request);
      return outcome.outcome === 'rejected' && outcome.code === 'overloaded' ? undefined : outcome;
    } catch (err) {
      if (isPassingFault(err)) throw err;
      // Another attempt would fail alike, and keep the commands behind it waiting for ever.
      logger.error({ ...subject, err }, 'a deferred command failed');
      return { outcome: 'rejected', code: 'internal', detail: 'the fault was logged' };
    }
  }

  async function settle(id: string, stored: StoredDeferred, outcome: CommandOutcome): Promise<true> {
    const stream = toDeferredStream(id);
    const at = new Date(clock.now()).toISOString();
    const appended = await store.append(stream, [toSettledEvent(id, stored, { outcome, at })], 'any');
    if (appended.outcome === 'appended') await store.truncateBefore(stream, appended.lastRevision);
    return true;
  }
}
