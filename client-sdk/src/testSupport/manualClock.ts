import type { Clock } from '../connection/clock.ts';

export type ManualClock = Clock & {
  /** Lets time pass, and calls back whoever waits, in order. */
  advance(milliseconds: number): void;
  /** Timers that are set and neither cancelled nor due. */
  readonly timers: number;
};

export function createManualClock(start = 1_000_000): ManualClock {
  let now = start;
  let waiting: { readonly at: number; readonly callback: () => void }[] = [];

  function takeDue(until: number): (() => void) | undefined {
    const [first] = waiting.toSorted((a, b) => a.at - b.at);
    if (!first || first.at > until) return undefined;
    waiting = waiting.filter((timer) => timer !== first);
    now = Math.max(now, first.at);
    return first.callback;
  }

  return {
    now: () => now,
    after: (milliseconds, callback) => {
      const timer = { at: now + milliseconds, callback };
      waiting.push(timer);
      return () => {
        waiting = waiting.filter((other) => other !== timer);
      };
    },
    advance: (milliseconds) => {
      const until = now + milliseconds;
      for (let due = takeDue(until); due; due = takeDue(until)) due();
      now = until;
    },
    get timers() {
      return waiting.length;
    },
  };
}
