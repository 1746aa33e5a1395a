import type { Clock } from '../../lifecycle/clock.ts';

/** Runs something at once when it has rested, and otherwise once a while, so that what comes together goes together. */
export type Pacer = {
  /** Asks for a run. Any number of requests before a run ask for one. */
  request(): void;
  /** Idempotent. Nothing runs after it. */
  stop(): void;
};

/** `spacing` is in milliseconds, from the start of one run to the start of the next. */
export function createPacer(clock: Clock, spacing: number, run: () => void): Pacer {
  let lastRun = -Infinity;
  let cancel: (() => void) | undefined;
  let isStopped = false;

  function start(): void {
    cancel = undefined;
    lastRun = clock.now();
    run();
  }

  return {
    request: () => {
      if (isStopped || cancel) return;
      // A clock that was set back must not stop everything until it has caught up.
      const wait = Math.min(spacing, lastRun + spacing - clock.now());
      if (wait > 0) cancel = clock.after(wait, start);
      else start();
    },
    stop: () => {
      isStopped = true;
      cancel?.();
      cancel = undefined;
    },
  };
}
