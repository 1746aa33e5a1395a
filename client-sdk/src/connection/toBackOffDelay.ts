const BASE_MS = 250;
const CAP_MS = 15_000;

/**
 * Milliseconds to wait after a number of failures in a row, with full jitter: anything from nothing to a bound that
 * doubles, so that clients that lost one server do not come back in step. `random` is in [0, 1).
 */
export function toBackOffDelay(failures: number, random: number): number {
  return random * Math.min(CAP_MS, BASE_MS * 2 ** failures);
}
