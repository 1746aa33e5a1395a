import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EventStore, ReadAllOptions, StoredEvent } from '../../../server/src/event-store/eventStore.ts';
import { toStreamName, toTextStreamName } from '../../../server/src/event-store/streamName.ts';
import { numberedEvents, toData } from './newEvents.ts';
import type { OpenTestStore } from './openTestStore.ts';

const fields = toStreamName('note', '1');
const otherFields = toStreamName('note', '2-note.body-1');
const text = toTextStreamName('note', 'body', '1');
const longer = toStreamName('notebook', '1');

/** Of six events: the data of those that a read answers. */
const READS: [ReadAllOptions, number[]][] = [
  [{ filter: { categories: ['note'] } }, [0, 3, 5]],
  [{ filter: { categories: ['note.body'] } }, [1, 4]],
  [{ filter: { categories: ['note', 'note.body'] } }, [0, 1, 3, 4, 5]],
  [{ filter: { categories: ['notebook', 'note.body', 'note'] } }, [0, 1, 2, 3, 4, 5]],
  [{ filter: { categories: ['note', 'note'] } }, [0, 3, 5]],
  [{ filter: { categories: ['not'] } }, []],
  [{ filter: { categories: ['note.'] } }, []],
  [{ filter: { categories: [''] } }, []],
  [{ filter: { categories: [] } }, []],
  [{ filter: { categories: ['note', 'note.body'] }, limit: 3 }, [0, 1, 3]],
  [{ filter: { categories: ['note'] }, limit: 1 }, [0]],
  [{ limit: 4 }, [0, 1, 2, 3]],
  [{ limit: 0 }, []],
];

export function registerReadAllContract(open: OpenTestStore): void {
  describe('readAll', () => {
    let store: EventStore;
    let all: readonly StoredEvent[];

    beforeEach(async () => {
      store = await open();
      const streams = [fields, text, longer, otherFields, text, fields];
      for (const [index, stream] of streams.entries())
        await store.append(stream, numberedEvents(1, index), 'any');
      all = await store.readAll();
    });

    it('[EVS4] reads the events of all streams in order of position', () => {
      expect(toData(all)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(all.map(({ stream }) => stream)).toEqual([fields, text, longer, otherFields, text, fields]);
      expect(all.map(({ revision }) => revision)).toEqual([0n, 0n, 0n, 0n, 1n, 1n]);
      const positions = all.map(({ position }) => position);
      expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
      expect(new Set(positions).size).toBe(6);
    });

    it('[EVS4] reads after a position', async () => {
      for (const [index, { position }] of all.entries()) {
        expect(await store.readAll({ after: position })).toEqual(all.slice(index + 1));
      }
      expect(await store.readAll({ after: -1n })).toEqual(all);
      expect(await store.readAll({ after: 2n ** 64n })).toEqual([]);
    });

    it('[EVS4] reads by category, up to a limit', async () => {
      for (const [options, data] of READS) {
        const expected = all.filter((event) => data.includes(event.data as number));
        expect(await store.readAll(options), inspect(options)).toEqual(expected);
      }
    });

    it('[EVS4] reads by category after a position, up to a limit', async () => {
      const filter = { categories: ['note', 'note.body'] };
      const first = await store.readAll({ filter, limit: 2 });
      const second = await store.readAll({ filter, limit: 2, after: first.at(-1)?.position ?? 0n });
      const third = await store.readAll({ filter, limit: 2, after: second.at(-1)?.position ?? 0n });

      expect([first, second, third].map(toData)).toEqual([[0, 1], [3, 4], [5]]);
    });

    it('[EVS4] refuses what is no limit', async () => {
      for (const limit of [-1, 0.5, NaN]) await expect(store.readAll({ limit })).rejects.toThrow(RangeError);
    });

    it('[EVS4] reads a thousand events where no limit is given, and more where one is', async () => {
      await store.append(longer, numberedEvents(1_300, 6), 'any');

      expect(toData(await store.readAll())).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
      expect(toData(await store.readAll({ limit: 1_250 }))).toEqual(
        Array.from({ length: 1_250 }, (_, index) => index),
      );
      expect(await store.readAll({ limit: 2_000 })).toHaveLength(1_306);
    });

    it('[EVS4] leaves out what was truncated or tombstoned', async () => {
      await store.truncateBefore(fields, 1n);
      await store.tombstone(text);

      expect(toData(await store.readAll())).toEqual([2, 3, 5]);
      expect(toData(await store.readAll({ filter: { categories: ['note.body'] } }))).toEqual([]);
    });
  });
}
