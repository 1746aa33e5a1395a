import { describe, expect, it } from 'vitest';
import { toStreamName } from '../../../server/src/event-store/streamName.ts';
import { assertAppended } from './assertAppended.ts';
import { numberedEvents, toData } from './newEvents.ts';
import type { OpenTestStore } from './openTestStore.ts';
import { readEvents } from './readEvents.ts';

const stream = toStreamName('note', '1');
const other = toStreamName('note', '2');

/** Of a stream of four events: what is left, by the revision that it is truncated before. */
const TRUNCATIONS: [bigint, number[]][] = [
  [-(2n ** 64n), [0, 1, 2, 3]],
  [0n, [0, 1, 2, 3]],
  [1n, [1, 2, 3]],
  [3n, [3]],
  [4n, []],
  [100n, []],
  [2n ** 64n, []],
];

export function registerRemovalContract(open: OpenTestStore): void {
  describe('truncateBefore', () => {
    it('[EVS6] forgets the events before a revision and goes on counting', async () => {
      const store = await open();
      await store.append(other, numberedEvents(4), 'any');

      for (const [revision, left] of TRUNCATIONS) {
        const name = toStreamName('note', `before ${revision}`);
        await store.append(name, numberedEvents(4), 'any');

        await store.truncateBefore(name, revision);

        const read = await store.readStream(name);
        expect(read).toMatchObject({
          outcome: 'read',
          events: left.map((data) => ({ data })),
          lastRevision: 3n,
        });
        expect(toData(await readEvents(store, name, { direction: 'backwards' }))).toEqual(left.toReversed());

        const next = await store.append(name, numberedEvents(1, 4), 3n);
        expect(next).toMatchObject({
          outcome: 'appended',
          firstRevision: 4n,
          lastRevision: 4n,
          repeated: false,
        });
        expect(toData(await readEvents(store, name))).toEqual([...left, 4]);
      }
      expect(toData(await readEvents(store, other))).toEqual([0, 1, 2, 3]);
    });

    it('[EVS6] goes on counting where it is truncated to nothing again', async () => {
      const store = await open();
      for (let revision = 0n; revision < 6n; revision += 2n) {
        await store.append(stream, numberedEvents(2), 'any');
        await store.truncateBefore(stream, revision + 2n);
        await store.truncateBefore(stream, revision + 2n);
        expect(await store.readStream(stream)).toEqual({
          outcome: 'read',
          events: [],
          lastRevision: revision + 1n,
        });
      }
    });

    it('[EVS6] takes nothing back when it is repeated or asked for less', async () => {
      const store = await open();
      await store.append(stream, numberedEvents(4), 'any');
      await store.truncateBefore(stream, 2n);
      await store.truncateBefore(stream, 2n);
      await store.truncateBefore(stream, 1n);

      expect(toData(await readEvents(store, stream, { from: 0n }))).toEqual([2, 3]);
    });

    it('[EVS6] does not make a stream that is not there', async () => {
      const store = await open();
      await store.truncateBefore(stream, 5n);

      expect(await store.readStream(stream)).toEqual({ outcome: 'no-stream' });
      expect(await store.append(stream, numberedEvents(1), 'no-stream')).toMatchObject({ firstRevision: 0n });
    });

    it('[EVS6] never gives a position again', async () => {
      const store = await open();
      const { position } = assertAppended(await store.append(stream, numberedEvents(3), 'any'));
      await store.truncateBefore(stream, 3n);

      const next = assertAppended(await store.append(stream, numberedEvents(1), 'any'));
      expect(next.position).toBeGreaterThan(position);
    });

    it('[EVS6] leaves a tombstoned stream as it is', async () => {
      const store = await open();
      await store.tombstone(stream);
      await store.truncateBefore(stream, 1n);

      expect(await store.readStream(stream)).toEqual({ outcome: 'tombstoned' });
    });
  });

  describe('tombstone', () => {
    it('[EVS7] empties a stream for good', async () => {
      const store = await open();
      await store.append(stream, numberedEvents(3), 'any');
      await store.append(other, numberedEvents(1), 'any');

      await store.tombstone(stream);

      for (const options of [{}, { direction: 'backwards' as const }, { from: 1n, limit: 1 }]) {
        expect(await store.readStream(stream, options)).toEqual({ outcome: 'tombstoned' });
      }
      expect((await store.readAll()).map((event) => event.stream)).toEqual([other]);
      expect(await store.append(stream, numberedEvents(1), 'any')).toEqual({ outcome: 'tombstoned' });
      expect(await store.readStream(stream)).toEqual({ outcome: 'tombstoned' });
    });

    it('[EVS7] may be repeated, and comes to a stream that was never there', async () => {
      const store = await open();
      await store.tombstone(stream);
      await store.tombstone(stream);

      expect(await store.readStream(stream)).toEqual({ outcome: 'tombstoned' });
      expect(await store.append(stream, numberedEvents(1), 'no-stream')).toEqual({ outcome: 'tombstoned' });
    });

    it('[EVS7] comes to a stream that is truncated to nothing', async () => {
      const store = await open();
      await store.append(stream, numberedEvents(1), 'any');
      await store.truncateBefore(stream, 1n);
      await store.tombstone(stream);

      expect(await store.append(stream, numberedEvents(1), 0n)).toEqual({ outcome: 'tombstoned' });
    });
  });
}
