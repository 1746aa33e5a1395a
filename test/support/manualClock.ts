import type { Clock } from '@weft/server';

/** A clock that stands still until it is advanced. */
export type ManualClock = Clock & {
  /** Moves time on, and calls back everything that falls due on the way, in order. */
  advance(milliseconds: number): void;
};

export function createManualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start;
  const timers = new Set<{ readonly due: number; readonly callback: () => void }>();

  return {
    now: () => now,
    after: (milliseconds, callback) => {
      const timer = { due: now + milliseconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (milliseconds) => {
      const end = now + milliseconds;
      for (;;) {
        const next = [...timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
        if (!next) break;
        timers.delete(next);
        now = next.due;
        next.callback();
      }
      now = end;
    },
  };
}
