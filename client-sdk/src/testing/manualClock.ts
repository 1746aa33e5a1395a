import type { Clock } from '../connection/clock.ts';

/** A clock that stands still until it is told to go on. */
export type ManualClock = Clock & {
  /** Lets time pass, and calls back whoever waits, in order. */
  advance(milliseconds: number): void;
  /** Timers that are set and neither cancelled nor due. */
  readonly timers: number;
  /**
   * When the first timer is due, in milliseconds since the epoch, of those that were set to at most so many milliseconds;
   * undefined where there is none. Default: of all.
   */
  dueAt(maxDelay?: number): number | undefined;
};

type Timer = { readonly at: number; readonly delay: number; readonly callback: () => void };

/** `start` is in milliseconds since the epoch. */
export function createManualClock(start = 1_000_000): ManualClock {
  let now = start;
  // In the order in which they were set.
  const waiting = new Set<Timer>();

  function findFirst(maxDelay: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of waiting) {
      if (timer.delay <= maxDelay && (!first || timer.at < first.at)) first = timer;
    }
    return first;
  }

  function takeDue(until: number): (() => void) | undefined {
    const first = findFirst(Infinity);
    if (!first || first.at > until) return undefined;
    waiting.delete(first);
    now = Math.max(now, first.at);
    return first.callback;
  }

  return {
    now: () => now,
    after: (delay, callback) => {
      const timer = { at: now + delay, delay, callback };
      waiting.add(timer);
      return () => {
        waiting.delete(timer);
      };
    },
    advance: (milliseconds) => {
      const until = now + milliseconds;
      for (let due = takeDue(until); due; due = takeDue(until)) due();
      now = until;
    },
    get timers() {
      return waiting.size;
    },
    dueAt: (maxDelay = Infinity) => findFirst(maxDelay)?.at,
  };
}
