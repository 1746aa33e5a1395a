import { describe, expect, it } from 'vitest';
import type { EventStore } from '../../../server/src/event-store/eventStore.ts';
import { toStreamName } from '../../../server/src/event-store/streamName.ts';
import { numberedEvents } from './newEvents.ts';
import type { OpenTestStore } from './openTestStore.ts';
import { recordSubscription } from './recordSubscription.ts';

const stream = toStreamName('note', '1');

const CALLS: [string, (store: EventStore) => Promise<unknown>][] = [
  ['append', (store) => store.append(stream, numberedEvents(1), 'any')],
  ['readStream', (store) => store.readStream(stream)],
  ['findEvent', (store) => store.findEvent(stream, 'id')],
  ['readAll', (store) => store.readAll()],
  ['truncateBefore', (store) => store.truncateBefore(stream, 1n)],
  ['tombstone', (store) => store.tombstone(stream)],
];

export function registerCloseContract(open: OpenTestStore): void {
  describe('close', () => {
    it('makes later calls reject', async () => {
      const store = await open();
      const closed = { name: 'EventStoreError', code: 'closed' };
      const closing = store.close();
      for (const [name, call] of CALLS) await expect(call(store), name).rejects.toMatchObject(closed);
      await closing;
      for (const [name, call] of CALLS) await expect(call(store), name).rejects.toMatchObject(closed);
    });

    it('waits for what was accepted', async () => {
      const store = await open();
      const settled: string[] = [];
      const calls = CALLS.map(([name, call]) => call(store).then(() => settled.push(name)));
      await store.close();

      expect(settled.toSorted()).toEqual(CALLS.map(([name]) => name).toSorted());
      await Promise.all(calls);
    });

    it('may be repeated', async () => {
      const store = await open();
      await Promise.all([store.close(), store.close()]);
      await store.close();
    });

    it('ends subscriptions, and lets none begin', async () => {
      const store = await open();
      const early = recordSubscription((handlers) => store.subscribeToAll({}, handlers));
      const stopped = recordSubscription((handlers) => store.subscribeToAll({}, handlers));
      await early.until((record) => record.hasCaughtUp());
      stopped.stop();
      const callsWhenStopped = stopped.calls.length;

      await store.close();
      const late = recordSubscription((handlers) => store.subscribeToStream(stream, undefined, handlers));
      await early.until((record) => record.error() !== undefined);
      await late.until((record) => record.error() !== undefined);

      expect(early.calls).toMatchObject([
        { call: 'caught-up' },
        { call: 'error', error: { code: 'closed' } },
      ]);
      expect(late.calls).toMatchObject([{ call: 'error', error: { code: 'closed' } }]);
      expect(stopped.calls).toHaveLength(callsWhenStopped);
    });
  });
}
