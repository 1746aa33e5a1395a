import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';
import { createPacer } from './pacer.ts';

/** One beat for many: what is asked for between two of them runs together, in the order in which it was asked for. */
export type Ticks = {
  /** Runs it with the next tick, at once where none was lately. Asked for again before that, it runs once. */
  request(run: () => void): void;
  /** Idempotent. */
  withdraw(run: () => void): void;
  /** Nothing runs after it. Idempotent. */
  stop(): void;
};

/**
 * `spacing` is in milliseconds, from one tick to the next while there is something to do. What throws is reported, and
 * takes the tick from nobody else.
 */
export function createTicks(clock: Clock, spacing: number, logger: Logger): Ticks {
  const waiting = new Set<() => void>();
  const pacer = createPacer(clock, spacing, () => {
    const due = [...waiting];
    waiting.clear();
    for (const run of due) runAlone(run);
  });

  function runAlone(run: () => void): void {
    try {
      run();
    } catch (err) {
      logger.error({ err }, 'what was due with a tick failed');
    }
  }

  return {
    request: (run) => {
      waiting.add(run);
      pacer.request();
    },
    withdraw: (run) => void waiting.delete(run),
    stop: () => {
      waiting.clear();
      pacer.stop();
    },
  };
}
