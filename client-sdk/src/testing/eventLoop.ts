// Taken before a test can put its own in their place: a world goes on when a test fakes timers.
// eslint-disable-next-line no-restricted-globals -- a world has to let the event loop turn
const immediately = setImmediate;
// eslint-disable-next-line no-restricted-globals -- the same
const afterTimers = setTimeout;

/** Calls back when every promise that can go on has gone on. */
export function nextTurn(callback: () => void): void {
  immediately(callback);
}

/** Calls back when timers of the process that were set to wait for nothing have been called, too. */
export function nextTurnOfTimers(callback: () => void): void {
  afterTimers(callback, 0);
}
