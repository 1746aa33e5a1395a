import type { Response } from 'express';
import type { Clock } from '../lifecycle/clock.ts';

/** The longest that a request may wait, in seconds, whatever it prefers. */
export const MAX_WAIT_SECONDS = 30;

/** Requests that wait for something to happen. Whoever creates it closes it. */
export type RequestWaits = {
  /**
   * Runs what waits. Its signal is raised when so many seconds have passed, 30 at the most, when the client hangs up,
   * and when the server stops.
   */
  run<Result>(
    response: Response,
    seconds: number,
    wait: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
  /** Waits for something, no longer than `run` would. */
  until(response: Response, seconds: number, happening: Promise<void>): Promise<void>;
  /** Ends every wait, and each further one at once. */
  close(): void;
};

export function createRequestWaits(clock: Clock): RequestWaits {
  const closing = new AbortController();

  const run: RequestWaits['run'] = async (response, seconds, wait) => {
    const own = new AbortController();
    const end = () => own.abort();
    const cancel = clock.after(Math.min(seconds, MAX_WAIT_SECONDS) * 1_000, end);
    response.once('close', end);
    closing.signal.addEventListener('abort', end);
    if (response.closed || closing.signal.aborted) end();
    try {
      return await wait(own.signal);
    } finally {
      cancel();
      response.off('close', end);
      closing.signal.removeEventListener('abort', end);
    }
  };

  return {
    run,
    until: (response, seconds, happening) =>
      run(response, seconds, (signal) => Promise.race([happening, whenRaised(signal)])),
    close: () => closing.abort(),
  };
}

/** Resolves when the signal is raised. */
function whenRaised(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
