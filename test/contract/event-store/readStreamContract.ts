import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Json, ReadStreamOptions } from '../../../server/src/event-store/eventStore.ts';
import { toStreamName } from '../../../server/src/event-store/streamName.ts';
import { bytesEvent, jsonEvent, numberedEvents, toData, toIds } from './newEvents.ts';
import type { OpenTestStore } from './openTestStore.ts';
import { randomFrom } from '../../support/seededRandom.ts';
import { readEvents } from './readEvents.ts';

const stream = toStreamName('note', '1');

const BEYOND_INT64 = 2n ** 64n;

/** Of a stream of five events: the revisions that a read answers. */
const READS: [ReadStreamOptions, number[]][] = [
  [{}, [0, 1, 2, 3, 4]],
  [{ from: 2n }, [2, 3, 4]],
  [{ from: 4n }, [4]],
  [{ from: 5n }, []],
  [{ from: -1n }, [0, 1, 2, 3, 4]],
  [{ from: BEYOND_INT64 }, []],
  [{ from: -BEYOND_INT64 }, [0, 1, 2, 3, 4]],
  [{ limit: 2 }, [0, 1]],
  [{ limit: 5 }, [0, 1, 2, 3, 4]],
  [{ limit: 6 }, [0, 1, 2, 3, 4]],
  [{ limit: 0 }, []],
  [{ from: 1n, limit: 2 }, [1, 2]],
  [{ direction: 'forwards', from: 3n, limit: 9 }, [3, 4]],
  [{ direction: 'backwards' }, [4, 3, 2, 1, 0]],
  [{ direction: 'backwards', limit: 1 }, [4]],
  [{ direction: 'backwards', from: 2n }, [2, 1, 0]],
  [{ direction: 'backwards', from: 2n, limit: 2 }, [2, 1]],
  [{ direction: 'backwards', from: 0n }, [0]],
  [{ direction: 'backwards', from: 9n, limit: 1 }, [4]],
  [{ direction: 'backwards', from: -1n }, []],
  [{ direction: 'backwards', from: BEYOND_INT64 }, [4, 3, 2, 1, 0]],
  [{ direction: 'backwards', from: -BEYOND_INT64 }, []],
  [{ direction: 'backwards', limit: 0 }, []],
];

const JSON_VALUES: Json[] = [
  null,
  false,
  0,
  -12.5e-7,
  Number.MAX_SAFE_INTEGER,
  '',
  'Ünïcödé 漢字 👩‍👩‍👧',
  'a\u0000b\u001f\u2028',
  'a\ud800b\udc00',
  [],
  {},
  { a: [{ b: { 'c d': [1, [2, [null, '3']]] } }], '': true },
  JSON.parse('{ "__proto__": { "a": 1 } }') as Json,
  'é'.repeat(1_000_000),
];

const random = randomFrom(7);
const BYTES: Uint8Array[] = [
  new Uint8Array(),
  Uint8Array.from({ length: 256 }, (_, index) => index),
  Uint8Array.from({ length: 2 * 1024 * 1024 }, () => random.integer(256)),
  new Uint8Array(Uint8Array.from([1, 2, 3, 4, 5]).buffer, 1, 3),
  Buffer.from('text'),
];

export function registerReadStreamContract(open: OpenTestStore): void {
  describe('readStream', () => {
    it('[EVS3] reads forwards and backwards, from a revision, up to a limit', async () => {
      const store = await open();
      const events = numberedEvents(5);
      await store.append(toStreamName('note', '0'), numberedEvents(3), 'any');
      await store.append(stream, events, 'any');

      for (const [options, revisions] of READS) {
        expect(await store.readStream(stream, options), inspect(options)).toEqual({
          outcome: 'read',
          lastRevision: 4n,
          events: revisions.map((index) => ({
            ...events[index],
            stream,
            revision: BigInt(index),
            position: expect.any(BigInt),
          })),
        });
      }
    });

    it('[EVS3] answers that there is no stream', async () => {
      const store = await open();
      await store.append(toStreamName('note', '10'), numberedEvents(1), 'any');

      expect(await store.readStream(stream)).toEqual({ outcome: 'no-stream' });
      expect(await store.readStream(stream, { direction: 'backwards' })).toEqual({ outcome: 'no-stream' });
    });

    it('[EVS3] refuses what is no limit', async () => {
      const store = await open();
      for (const limit of [-1, 0.5, NaN, -Infinity]) {
        await expect(store.readStream(stream, { limit })).rejects.toThrow(RangeError);
      }
    });

    it('[EVS3] gives back every part of an event', async () => {
      const store = await open();
      const metadata = {
        idempotencyKey: 'key',
        correlationId: 'correlation',
        causationId: 'cause',
        clientIds: [1, 2],
        nested: { deep: [null] },
      };
      const events = [jsonEvent({ a: 1 }, metadata), bytesEvent(new Uint8Array([1, 2]))];
      await store.append(stream, events, 'any');

      const [first, second] = await readEvents(store, stream);

      expect(first).toStrictEqual({ ...events[0], stream, revision: 0n, position: first?.position });
      expect(second).toStrictEqual({ ...events[1], stream, revision: 1n, position: second?.position });
      expect(await store.readAll()).toStrictEqual([first, second]);
    });

    it('[EVS3] gives back JSON as it was', async () => {
      const store = await open();
      await store.append(
        stream,
        JSON_VALUES.map((data) => jsonEvent(data)),
        'any',
      );

      const events = await readEvents(store, stream);

      expect(events.map(({ format }) => format)).toEqual(JSON_VALUES.map(() => 'json'));
      expect(events.map(({ data }) => JSON.stringify(data))).toEqual(
        JSON_VALUES.map((data) => JSON.stringify(data)),
      );
    });

    it('[EVS3] gives back bytes as they were', async () => {
      const store = await open();
      await store.append(stream, BYTES.map(bytesEvent), 'any');

      const events = await readEvents(store, stream);

      for (const [index, expected] of BYTES.entries()) {
        const data = events[index]?.data;
        expect(events[index]?.format).toBe('bytes');
        expect(Object.getPrototypeOf(data)).toBe(Uint8Array.prototype);
        expect(Buffer.compare(data as Uint8Array, expected)).toBe(0);
      }
    });

    it('[EVS3] gives each reader events of its own', async () => {
      const store = await open();
      await store.append(stream, [bytesEvent(new Uint8Array([1])), jsonEvent({ a: [1] })], 'any');

      const [bytes, json] = await readEvents(store, stream);
      (bytes?.data as Uint8Array).fill(9);
      (json?.data as { a: number[] }).a.push(9);

      expect(toData(await readEvents(store, stream))).toEqual([new Uint8Array([1]), { a: [1] }]);
      expect(toData(await store.readAll())).toEqual([new Uint8Array([1]), { a: [1] }]);
    });

    it('[EVS3] reads a long stream whole, in both directions and up to a limit', async () => {
      const store = await open();
      const events = numberedEvents(1_700);
      await store.append(stream, events, 'any');
      const ids = toIds(events);

      expect(toIds(await readEvents(store, stream))).toEqual(ids);
      expect(toIds(await readEvents(store, stream, { direction: 'backwards' }))).toEqual(ids.toReversed());
      expect(toIds(await readEvents(store, stream, { from: 100n, limit: 1_200 }))).toEqual(
        ids.slice(100, 1_300),
      );
      expect(
        toIds(await readEvents(store, stream, { direction: 'backwards', from: 1_600n, limit: 1_200 })),
      ).toEqual(ids.slice(401, 1_601).toReversed());
    });

    it('[EVS3] reads a stream of large events whole', async () => {
      const store = await open();
      const events = Array.from({ length: 5 }, (_, index) => bytesEvent(new Uint8Array(600_000).fill(index)));
      for (const event of events) await store.append(stream, [event], 'any');

      expect((await readEvents(store, stream)).map(({ data }) => (data as Uint8Array)[0])).toEqual([
        0, 1, 2, 3, 4,
      ]);
      expect(await readEvents(store, stream, { limit: 4 })).toHaveLength(4);
    });
  });
}
