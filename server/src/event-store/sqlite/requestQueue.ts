/** How much the worker is given before it answers; a batch of this size is one transaction. */
export const MAX_UNANSWERED = { requests: 1_024, bytes: 8 * 1024 * 1024 };

/** How much may wait here to be given to the worker. */
export const MAX_WAITING = { requests: 100_000, bytes: 256 * 1024 * 1024 };

export type Sized = { /** In bytes. */ readonly size: number };

/** Requests that wait for a worker, first in, first out, in bounds. A single request may be larger than any bound. */
export type RequestQueue<R extends Sized> = {
  /** `false`, and not added, where too much waits. */
  readonly add: (request: R) => boolean;
  /** What the worker may be given now. */
  readonly take: () => R[];
  /** A request that was taken has been answered. */
  readonly settle: (request: R) => void;
  /** Takes all, whatever the bounds. */
  readonly clear: () => R[];
};

export function createRequestQueue<R extends Sized>(): RequestQueue<R> {
  const waiting: R[] = [];
  const waitingLoad = { requests: 0, bytes: 0 };
  const unansweredLoad = { requests: 0, bytes: 0 };

  function shift(count: number): R[] {
    const requests = waiting.splice(0, count);
    for (const { size } of requests) remove(waitingLoad, size);
    return requests;
  }

  return {
    add(request) {
      if (!fits(waitingLoad, request.size, MAX_WAITING)) return false;
      waiting.push(request);
      include(waitingLoad, request.size);
      return true;
    },

    take() {
      let count = 0;
      for (const { size } of waiting) {
        if (!fits(unansweredLoad, size, MAX_UNANSWERED)) break;
        include(unansweredLoad, size);
        count += 1;
      }
      return shift(count);
    },

    settle: ({ size }) => remove(unansweredLoad, size),

    clear: () => shift(waiting.length),
  };
}

type Load = { requests: number; bytes: number };

function fits(load: Load, size: number, most: Readonly<Load>): boolean {
  if (load.requests === 0) return true;
  return load.requests < most.requests && load.bytes + size <= most.bytes;
}

function include(load: Load, size: number): void {
  load.requests += 1;
  load.bytes += size;
}

function remove(load: Load, size: number): void {
  load.requests -= 1;
  load.bytes -= size;
}
