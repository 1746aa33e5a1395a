import { describe, expect, it, onTestFinished } from 'vitest';
import { numberedEvents, toData } from '../../../test/contract/event-store/newEvents.ts';
import { readEvents } from '../../../test/contract/event-store/readEvents.ts';
import { recordSubscription } from '../../../test/contract/event-store/recordSubscription.ts';
import { EventStoreError } from './eventStoreError.ts';
import { createInMemoryEventStore } from './inMemoryEventStore.ts';
import type { InMemoryFaults } from './inMemoryEventLog.ts';
import { toStreamName } from './streamName.ts';

const stream = toStreamName('note', '1');

function open(faults: InMemoryFaults) {
  const store = createInMemoryEventStore({ faults });
  onTestFinished(() => store.close());
  return store;
}

function failOnce(error: Error): () => void {
  let hasFailed = false;
  return () => {
    if (hasFailed) return;
    hasFailed = true;
    throw error;
  };
}

describe('faults of an event store in memory', () => {
  it('before an append make it reject, and it is not stored', async () => {
    const store = open({ beforeAppend: failOnce(new Error('no disk')) });

    await expect(store.append(stream, numberedEvents(1), 'any')).rejects.toMatchObject({
      name: 'EventStoreError',
      code: 'unavailable',
      message: 'the event store failed: no disk',
    });

    expect(await store.readStream(stream)).toEqual({ outcome: 'no-stream' });
    expect(await store.append(stream, numberedEvents(1), 'no-stream')).toMatchObject({ outcome: 'appended' });
  });

  it('[EVS2] after an append make it reject, though a repeat shows that it is stored', async () => {
    const store = open({ afterAppend: failOnce(new Error('no answer')) });
    const events = numberedEvents(2);

    await expect(store.append(stream, events, 'no-stream')).rejects.toMatchObject({ code: 'unavailable' });

    expect(await store.append(stream, events, 'no-stream')).toMatchObject({
      firstRevision: 0n,
      repeated: true,
    });
  });

  it('keep the code of an EventStoreError, and are told the stream', async () => {
    const streams: unknown[] = [];
    const store = open({
      beforeAppend(name) {
        streams.push(name);
        throw new EventStoreError('unwritable', 'no');
      },
    });

    await expect(store.append(stream, numberedEvents(1), 'any')).rejects.toMatchObject({
      code: 'unwritable',
    });
    expect(streams).toEqual([stream]);
  });

  it('hold an append up, and closing waits for it', async () => {
    const gate = Promise.withResolvers<undefined>();
    const store = open({ beforeAppend: () => gate.promise });
    const finished: string[] = [];
    const appending = store.append(stream, numberedEvents(1), 'any').then(() => finished.push('append'));
    const closing = store.close().then(() => finished.push('close'));
    gate.resolve(undefined);
    await Promise.all([appending, closing]);

    expect(finished).toEqual(['append', 'close']);
  });

  it('[EVS5] of a read end a subscription, which can be taken up where it ended', async () => {
    const reads: unknown[] = [];
    const store = open({
      beforeRead(name) {
        reads.push(name);
        if (reads.length === 2) throw new Error('no read');
      },
    });
    await store.append(stream, numberedEvents(600), 'any');
    const first = recordSubscription((handlers) => store.subscribeToStream(stream, undefined, handlers));
    await first.until((record) => record.error() !== undefined);
    const last = first.events().at(-1)?.revision;
    const second = recordSubscription((handlers) => store.subscribeToStream(stream, last, handlers));
    await second.until((record) => record.hasCaughtUp());

    expect(first.error()).toMatchObject({ code: 'unavailable' });
    expect(toData([...first.events(), ...second.events()])).toEqual(toData(await readEvents(store, stream)));
    expect(reads[0]).toBe(stream);
  });
});
