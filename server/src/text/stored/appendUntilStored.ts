import type { AppendResult, EventStore, NewEvent, StreamName } from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5000;

export type AppendUntilStoredOptions = {
  readonly store: EventStore;
  readonly stream: StreamName;
  /** The same at every attempt: what an attempt stored without being able to say so is not stored twice. */
  readonly events: readonly NewEvent[];
  readonly clock: Clock;
  readonly logger: Logger;
};

export type PersistentAppend = {
  /** Undefined where it was stopped first. Never rejects. */
  readonly result: Promise<AppendResult | undefined>;
  /** Cuts the wait for the next attempt short, and those after it are no longer than the first. */
  hurry(): void;
  /** Makes no further attempt; one that is under way ends by itself. */
  stop(): void;
};

/** Appends; where the store fails, waits longer and longer up to a bound and tries again. The first attempt is at once. */
export function appendUntilStored(options: AppendUntilStoredOptions): PersistentAppend {
  const { clock } = options;
  let isStopped = false;
  let isHurried = false;
  let cutWait: (() => void) | undefined;

  function wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(milliseconds, resolve);
      cutWait = () => {
        cancel();
        resolve();
      };
    });
  }

  async function run(): Promise<AppendResult | undefined> {
    for (let attempt = 0; !isStopped; attempt++) {
      const result = await tryOnce(options, attempt);
      if (result) return result;
      const delay = isHurried ? RETRY_MIN_MS : Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** attempt);
      if (!isStopped) await wait(delay);
    }
    return undefined;
  }

  return {
    result: run(),
    hurry: () => {
      isHurried = true;
      cutWait?.();
    },
    stop: () => {
      isStopped = true;
      cutWait?.();
    },
  };
}

/** Undefined where the store failed. Says so once, and once when it works again. */
async function tryOnce(
  { store, stream, events, logger }: AppendUntilStoredOptions,
  attempt: number,
): Promise<AppendResult | undefined> {
  try {
    const result = await store.append(stream, events, 'any');
    if (attempt > 0) logger.info({ stream, attempts: attempt + 1 }, 'the text is stored after all');
    return result;
  } catch (err) {
    if (attempt === 0) logger.error({ err, stream }, 'the text could not be stored; trying until it is');
    return undefined;
  }
}
