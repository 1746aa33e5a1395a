import type { Clock } from '../lifecycle/clock.ts';

// A timer of Node that is to wait longer is called at once.
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls back once, at that many milliseconds since the epoch, however far away. Returns what cancels it. */
export function callAt(clock: Clock, at: number, callback: () => void): () => void {
  let cancel = wait();

  function wait(): () => void {
    const left = Math.max(0, at - clock.now());
    if (left <= MAX_TIMER_MS) return clock.after(left, callback);
    return clock.after(MAX_TIMER_MS, () => {
      cancel = wait();
    });
  }

  return () => cancel();
}
