import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { assert, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createTemporaryFolder } from '../../../../test/support/temporaryFolder.ts';
import { bytesEvent, numberedEvents } from '../../../../test/contract/event-store/newEvents.ts';
import { recordSubscription } from '../../../../test/contract/event-store/recordSubscription.ts';
import { toStreamName } from '../streamName.ts';
import { createSqliteEventStore } from './sqliteEventStore.ts';

const stream = toStreamName('note', '1');

const started = vi.hoisted((): Worker[] => []);

// Real threads, but within reach, so that a test can end one.
vi.mock(import('node:worker_threads'), async (importOriginal) => {
  const original = await importOriginal();
  class ReachableWorker extends original.Worker {
    constructor(...options: ConstructorParameters<typeof Worker>) {
      super(...options);
      started.push(this);
    }
  }
  return { ...original, Worker: ReachableWorker };
});

describe('the thread of an event store in SQLite', { timeout: 30_000 }, () => {
  beforeEach(() => {
    started.length = 0;
  });

  it('makes every call reject and subscriptions end when it ends unasked', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    const store = await createSqliteEventStore({ path });
    await store.append(stream, numberedEvents(1), 'any');
    const record = recordSubscription((handlers) => store.subscribeToStream(stream, undefined, handlers));
    await record.until((current) => current.hasCaughtUp());
    const [worker] = started;
    assert(worker);

    const calls = [
      store.append(stream, [bytesEvent(new Uint8Array(4_000_000))], 'any'),
      ...numberedEvents(2_000).map((event) => store.append(stream, [event], 'any')),
      store.readAll(),
    ];
    const outcomes = Promise.allSettled(calls);
    await worker.terminate();
    const failed = { name: 'EventStoreError', code: 'unavailable', message: expect.stringContaining(path) };
    const rejected = (await outcomes).filter(({ status }) => status === 'rejected');
    // Some may have been answered before the thread ended, but hardly all.
    expect(rejected.length).toBeGreaterThan(0);
    for (const outcome of rejected) expect(outcome).toMatchObject({ reason: failed });
    await record.until((current) => current.error() !== undefined);
    expect(record.error()).toMatchObject(failed);
    await expect(store.append(stream, numberedEvents(1), 'any')).rejects.toMatchObject(failed);
    await expect(store.readStream(stream)).rejects.toMatchObject(failed);
    await expect(store.readAll()).rejects.toMatchObject(failed);
    await expect(store.truncateBefore(stream, 1n)).rejects.toMatchObject(failed);
    await expect(store.tombstone(stream)).rejects.toMatchObject(failed);
    await expect(store.close()).rejects.toMatchObject(failed);
    await expect(store.append(stream, numberedEvents(1), 'any')).rejects.toMatchObject({ code: 'closed' });
  });

  it('has ended when the store is closed, and when it was refused', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    const store = await createSqliteEventStore({ path });
    onTestFinished(() => store.close());
    await expect(createSqliteEventStore({ path })).rejects.toMatchObject({ code: 'in-use' });
    await store.close();

    expect(started.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });
});
