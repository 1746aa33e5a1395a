import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../../server/src/event-store/eventStore.ts';
import { toStreamName } from '../../../server/src/event-store/streamName.ts';
import { assertAppended } from './assertAppended.ts';
import { bytesEvent, jsonEvent, numberedEvents } from './newEvents.ts';
import type { OpenTestStore } from './openTestStore.ts';

const stream = toStreamName('note', '1');
const other = toStreamName('note', '2');
const ABSENT = '00000000-0000-4000-8000-000000000000';

export function registerFindEventContract(open: OpenTestStore): void {
  describe('findEvent', () => {
    it('[EVS11] finds each event of a stream, with every part of it', async () => {
      const store = await open();
      await store.append(other, numberedEvents(2), 'any');
      const events = [
        jsonEvent({ a: [1, null] }, { idempotencyKey: 'key', nested: { deep: [null] } }),
        bytesEvent(new Uint8Array([1, 2])),
        jsonEvent(null),
      ];
      const { position } = assertAppended(await store.append(stream, events, 'any'));

      const found: (StoredEvent | undefined)[] = [];
      for (const { id } of events) found.push(await store.findEvent(stream, id));

      expect(found).toStrictEqual(
        events.map((event, index) => ({
          ...event,
          stream,
          revision: BigInt(index),
          position: found[index]?.position,
        })),
      );
      expect(found.at(-1)?.position).toBe(position);
      expect(found).toStrictEqual((await store.readAll()).slice(2));
    });

    it('[EVS11] finds nothing where the stream is not there or never held the event', async () => {
      const store = await open();
      const [event] = numberedEvents(1) as [ReturnType<typeof jsonEvent>];
      expect(await store.findEvent(stream, event.id)).toBeUndefined();

      await store.append(other, [event], 'any');
      await store.append(stream, numberedEvents(1), 'any');

      expect(await store.findEvent(stream, event.id)).toBeUndefined();
      for (const id of [ABSENT, '', "' OR 1=1"]) {
        expect(await store.findEvent(other, id)).toBeUndefined();
      }
    });

    it('[EVS11] finds in each of two streams its own event of one id', async () => {
      const store = await open();
      const { id } = jsonEvent();
      await store.append(stream, [{ ...jsonEvent('one'), id }], 'any');
      await store.append(other, [jsonEvent(), { ...jsonEvent('two'), id }], 'any');

      expect(await store.findEvent(stream, id)).toMatchObject({ stream, data: 'one', revision: 0n });
      expect(await store.findEvent(other, id)).toMatchObject({ stream: other, data: 'two', revision: 1n });
    });

    it('[EVS11] no longer finds what was truncated, and still finds the rest', async () => {
      const store = await open();
      const events = numberedEvents(3);
      await store.append(stream, events, 'any');
      await store.truncateBefore(stream, 2n);

      const found: (StoredEvent | undefined)[] = [];
      for (const { id } of events) found.push(await store.findEvent(stream, id));

      expect(found).toMatchObject([undefined, undefined, { data: 2, revision: 2n }]);
    });

    it('[EVS11] finds nothing in a tombstoned stream', async () => {
      const store = await open();
      const event = jsonEvent();
      await store.append(stream, [event], 'any');
      await store.tombstone(stream);

      expect(await store.findEvent(stream, event.id)).toBeUndefined();
    });

    it('[EVS11] gives each reader an event of its own', async () => {
      const store = await open();
      const event = jsonEvent({ a: [1] });
      await store.append(stream, [event], 'any');

      const found = await store.findEvent(stream, event.id);
      (found?.data as { a: number[] }).a.push(9);

      expect(await store.findEvent(stream, event.id)).toMatchObject({ data: { a: [1] } });
    });
  });
}
