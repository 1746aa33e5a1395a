import { describe, expect, it } from 'vitest';
import { createRequestQueue } from './requestQueue.ts';

const MAX_UNANSWERED = { requests: 10, bytes: 1_000 };
const MAX_WAITING = { requests: 100, bytes: 10_000 };
const LIMITS = { unanswered: MAX_UNANSWERED, waiting: MAX_WAITING };

describe('the queue before the SQLite thread', () => {
  it('gives on what it was given, in order, as long as the bounds allow', () => {
    const queue = createRequestQueue<{ size: number; name: number }>(LIMITS);
    for (let name = 0; name < MAX_UNANSWERED.requests + 2; name += 1) queue.add({ size: 1, name });

    const taken = queue.take();
    expect(taken.map(({ name }) => name)).toEqual(
      Array.from({ length: MAX_UNANSWERED.requests }, (_, name) => name),
    );
    expect(queue.take()).toEqual([]);

    for (const request of taken.slice(0, 1)) queue.settle(request);
    expect(queue.take()).toEqual([{ size: 1, name: MAX_UNANSWERED.requests }]);
    expect(queue.clear()).toEqual([{ size: 1, name: MAX_UNANSWERED.requests + 1 }]);
    expect(queue.clear()).toEqual([]);
  });

  it('bounds the bytes that are given on, but lets one large request through alone', () => {
    const queue = createRequestQueue<{ size: number }>(LIMITS);
    const sizes = [MAX_UNANSWERED.bytes / 2, MAX_UNANSWERED.bytes / 2, MAX_UNANSWERED.bytes * 2, 0];
    for (const size of sizes) queue.add({ size });

    const rounds: number[][] = [];
    for (let taken = queue.take(); taken.length > 0; taken = queue.take()) {
      rounds.push(taken.map(({ size }) => size));
      for (const request of taken) queue.settle(request);
    }

    expect(rounds).toEqual([sizes.slice(0, 2), sizes.slice(2, 3), sizes.slice(3)]);
  });

  it('takes no more than may wait', () => {
    const bytes = createRequestQueue<{ size: number }>(LIMITS);
    expect(bytes.add({ size: MAX_WAITING.bytes * 2 })).toBe(true);
    expect(bytes.add({ size: 1 })).toBe(false);
    bytes.take();
    expect(bytes.add({ size: 1 })).toBe(true);

    const requests = createRequestQueue<{ size: number }>(LIMITS);
    for (let count = 0; count < MAX_WAITING.requests; count += 1) requests.add({ size: 0 });
    expect(requests.add({ size: 0 })).toBe(false);
  });
});
