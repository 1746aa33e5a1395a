import { isPassingFault } from '../../event-store/eventStoreError.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';

export type Attempt<Result> = {
  /** What is tried, for the log, such as `a deferred command could not be settled`. */
  readonly failure: string;
  /** Which one it is, for the log. */
  readonly subject: object;
  /** Undefined where it must be tried again. */
  readonly run: () => Promise<Result | undefined>;
};

/** Tries what must happen in the end again and again, a second apart. Whoever creates it closes it. */
export type DeferredAttempts = {
  /**
   * Undefined where `close` came first, or where another attempt would fail as well. The first failure of a row is
   * logged, and the success that ends one.
   */
  untilDone<Result>(attempt: Attempt<Result>): Promise<Result | undefined>;
  /** Makes no further attempt; one that is under way ends by itself. */
  close(): void;
};

const RETRY_AFTER_MS = 1_000;

export function createDeferredAttempts(clock: Clock, logger: Logger): DeferredAttempts {
  const wakes = new Set<() => void>();
  let isClosed = false;

  async function wait(): Promise<void> {
    if (isClosed) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        wakes.delete(wake);
        cancel();
        resolve();
      };
      const cancel = clock.after(RETRY_AFTER_MS, wake);
      wakes.add(wake);
    });
  }

  const untilDone: DeferredAttempts['untilDone'] = async ({ failure, subject, run }) => {
    let failures = 0;
    // Once in any case: what is under way at the end still has to be stored.
    do {
      try {
        const result = await run();
        if (result !== undefined) {
          if (failures > 0) logger.info({ ...subject, failures }, 'what had failed succeeded after all');
          return result;
        }
      } catch (err) {
        failures++;
        if (failures === 1 || !isPassingFault(err)) logger.error({ ...subject, err }, failure);
        if (!isPassingFault(err)) return undefined;
      }
      await wait();
    } while (!isClosed);
    return undefined;
  };

  return {
    untilDone,
    close: () => {
      isClosed = true;
      for (const wake of wakes) wake();
    },
  };
}
