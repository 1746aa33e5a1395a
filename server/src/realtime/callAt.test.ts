import { expect, test, vi } from 'vitest';
import { createManualClock } from '../../../client-sdk/src/testSupport/manualClock.ts';
import { callAt } from './callAt.ts';

const YEAR = 365 * 24 * 3_600_000;

/** Does as Node does with a timer that is too long. */
function createClock() {
  const clock = createManualClock();
  return Object.assign(clock, {
    after: vi.fn(clock.after).mockImplementation(clock.after),
  });
}

test('[CON8] a moment that is further away than a timer can wait is met all the same, once', () => {
  const clock = createClock();
  const callback = vi.fn();
  callAt(clock, clock.now() + YEAR, callback);
  clock.advance(YEAR - 1);
  expect(callback).not.toHaveBeenCalled();
  clock.advance(1);
  expect(callback).toHaveBeenCalledOnce();
  expect(Math.max(...clock.after.mock.calls.map(([wait]) => wait))).toBeLessThan(2 ** 31);
  clock.advance(YEAR);
  expect(callback).toHaveBeenCalledOnce();
  expect(clock.timers).toBe(0);
});

test('[CON8] a moment that has passed is met at once, and one that was cancelled never', () => {
  const clock = createClock();
  const callback = vi.fn();
  callAt(clock, clock.now() - 5, callback);
  clock.advance(0);
  expect(callback).toHaveBeenCalledOnce();
  const cancel = callAt(clock, clock.now() + YEAR, callback);
  clock.advance(YEAR / 2);
  cancel();
  expect(clock.timers).toBe(0);
});
