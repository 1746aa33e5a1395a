export type Load = { readonly requests: number; readonly bytes: number };

export type RequestQueueLimits = {
  /** How much the worker is given before it answers. */
  readonly unanswered: Load;
  /** How much may wait to be given to the worker. */
  readonly waiting: Load;
};

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

export function createRequestQueue<R extends Sized>(limits: RequestQueueLimits): RequestQueue<R> {
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
      if (!fits(waitingLoad, request.size, limits.waiting)) return false;
      waiting.push(request);
      include(waitingLoad, request.size);
      return true;
    },

    take() {
      let count = 0;
      for (const { size } of waiting) {
        if (!fits(unansweredLoad, size, limits.unanswered)) break;
        include(unansweredLoad, size);
        count += 1;
      }
      return shift(count);
    },

    settle: ({ size }) => remove(unansweredLoad, size),

    clear: () => shift(waiting.length),
  };
}

type Count = { -readonly [Key in keyof Load]: Load[Key] };

function fits(load: Load, size: number, most: Load): boolean {
  if (load.requests === 0) return true;
  return load.requests < most.requests && load.bytes + size <= most.bytes;
}

function include(load: Count, size: number): void {
  load.requests += 1;
  load.bytes += size;
}

function remove(load: Count, size: number): void {
  load.requests -= 1;
  load.bytes -= size;
}
