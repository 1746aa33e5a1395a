import { describe, expect, it } from 'vitest';
import type {
  AppendResult,
  EventStore,
  ExpectedRevision,
  StreamName,
} from '../../../server/src/event-store/eventStore.ts';
import { toStreamName } from '../../../server/src/event-store/streamName.ts';
import { assertAppended } from './assertAppended.ts';
import { jsonEvent, numberedEvents, toData, toIds } from './newEvents.ts';
import type { OpenTestStore } from './openTestStore.ts';
import { readEvents } from './readEvents.ts';

const stream = toStreamName('note', '1');

type State = 'absent' | 'of three events' | 'truncated to nothing' | 'tombstoned';
type Expected = 'any' | 'no-stream' | 'stream-exists' | 'last' | 'older' | 'newer' | 'negative';
type Answer = 'first' | 'next' | 'wrong' | 'wrong-absent' | 'tombstoned';

const ANSWERS: Record<State, Record<Expected, Answer>> = {
  absent: {
    any: 'first',
    'no-stream': 'first',
    'stream-exists': 'wrong-absent',
    last: 'wrong-absent',
    older: 'wrong-absent',
    newer: 'wrong-absent',
    negative: 'wrong-absent',
  },
  'of three events': {
    any: 'next',
    'no-stream': 'wrong',
    'stream-exists': 'next',
    last: 'next',
    older: 'wrong',
    newer: 'wrong',
    negative: 'wrong',
  },
  'truncated to nothing': {
    any: 'next',
    'no-stream': 'wrong',
    'stream-exists': 'next',
    last: 'next',
    older: 'wrong',
    newer: 'wrong',
    negative: 'wrong',
  },
  tombstoned: {
    any: 'tombstoned',
    'no-stream': 'tombstoned',
    'stream-exists': 'tombstoned',
    last: 'tombstoned',
    older: 'tombstoned',
    newer: 'tombstoned',
    negative: 'tombstoned',
  },
};

const EXPECTED: Record<Expected, ExpectedRevision> = {
  any: 'any',
  'no-stream': 'no-stream',
  'stream-exists': 'stream-exists',
  last: 2n,
  older: 1n,
  newer: 3n,
  negative: -1n,
};

const RESULTS: Record<Answer, AppendResult> = {
  first: {
    outcome: 'appended',
    firstRevision: 0n,
    lastRevision: 1n,
    position: expect.any(BigInt),
    repeated: false,
  },
  next: {
    outcome: 'appended',
    firstRevision: 3n,
    lastRevision: 4n,
    position: expect.any(BigInt),
    repeated: false,
  },
  wrong: { outcome: 'wrong-expected-revision', actual: 2n },
  'wrong-absent': { outcome: 'wrong-expected-revision', actual: 'no-stream' },
  tombstoned: { outcome: 'tombstoned' },
};

async function prepare(store: EventStore, name: StreamName, state: State): Promise<void> {
  if (state === 'absent') return;
  await store.append(name, numberedEvents(3), 'no-stream');
  if (state === 'truncated to nothing') await store.truncateBefore(name, 3n);
  if (state === 'tombstoned') await store.tombstone(name);
}

export function registerAppendContract(open: OpenTestStore): void {
  describe('append', () => {
    it.each(Object.keys(ANSWERS) as State[])(
      '[EVS1] checks what is expected of a stream: %s',
      async (state) => {
        const store = await open();
        for (const [expected, answer] of Object.entries(ANSWERS[state]) as [Expected, Answer][]) {
          const name = toStreamName('note', expected);
          await prepare(store, name, state);
          const before = { stream: await store.readStream(name), all: await store.readAll() };

          const result = await store.append(name, numberedEvents(2), EXPECTED[expected]);

          expect(result, `expecting ${expected}`).toEqual(RESULTS[answer]);
          const all = await store.readAll();
          if (result.outcome === 'appended') {
            expect(all.at(-1)?.position).toBe(result.position);
            expect(all.slice(-2)).toMatchObject([
              { stream: name, revision: result.firstRevision },
              { stream: name, revision: result.lastRevision },
            ]);
          } else {
            expect({ stream: await store.readStream(name), all }).toEqual(before);
          }
        }
      },
    );

    it('[EVS1] numbers a stream from 0 on, without gap, over several appends', async () => {
      const store = await open();
      const first = assertAppended(await store.append(stream, numberedEvents(1), 'no-stream'));
      const second = assertAppended(await store.append(stream, numberedEvents(3, 1), 0n));
      const third = assertAppended(await store.append(stream, numberedEvents(1, 4), 3n));

      const revisions = [first, second, third].map(({ firstRevision, lastRevision }) => [
        firstRevision,
        lastRevision,
      ]);
      expect(revisions).toEqual([
        [0n, 0n],
        [1n, 3n],
        [4n, 4n],
      ]);
      expect(await store.readStream(stream)).toMatchObject({
        events: [0, 1, 2, 3, 4].map((data) => ({ data, revision: BigInt(data) })),
      });
    });

    it('[EVS1] gives positions that grow over all streams', async () => {
      const store = await open();
      const positions: bigint[] = [];
      for (let index = 0; index < 6; index += 1) {
        const name = toStreamName('note', String(index % 2));
        positions.push(assertAppended(await store.append(name, numberedEvents(2), 'any')).position);
      }

      expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
      expect(new Set(positions).size).toBe(6);
      const all = await store.readAll();
      expect(all.filter((_, index) => index % 2 === 1).map(({ position }) => position)).toEqual(positions);
    });

    it('[EVS1] lets exactly one of racing appends with one expected revision happen', async () => {
      const store = await open();
      await store.append(stream, numberedEvents(1), 'no-stream');
      const racers = numberedEvents(20);

      const results = await Promise.all(racers.map((event) => store.append(stream, [event], 0n)));

      const winners = racers.filter((_, index) => results[index]?.outcome === 'appended');
      expect(winners).toHaveLength(1);
      const losers = results.filter(({ outcome }) => outcome !== 'appended');
      expect(losers).toEqual(Array(19).fill({ outcome: 'wrong-expected-revision', actual: 1n }));
      const read = await store.readStream(stream, { from: 1n });
      expect(read).toMatchObject({ events: [{ id: winners[0]?.id }], lastRevision: 1n });
    });

    it('[EVS1] takes a thousand appends at once, each at a revision of its own', async () => {
      const store = await open();
      const events = numberedEvents(1_000);

      const results = await Promise.all(events.map((event) => store.append(stream, [event], 'any')));

      const stored = await readEvents(store, stream);
      expect(stored.map(({ revision }) => revision)).toEqual(events.map((_, index) => BigInt(index)));
      const byId = new Map(stored.map((event) => [event.id, event]));
      for (const [index, event] of events.entries()) {
        const { revision, position } = byId.get(event.id) ?? {};
        expect(results[index]).toEqual({
          outcome: 'appended',
          firstRevision: revision,
          lastRevision: revision,
          position,
          repeated: false,
        });
      }
    });

    it('[EVS1] keeps what it was given, whatever becomes of that afterwards', async () => {
      const store = await open();
      const data = { tags: ['a'] };
      const bytes = new Uint8Array([1, 2, 3]);
      const appending = store.append(
        stream,
        [jsonEvent(data), { ...jsonEvent(), format: 'bytes', data: bytes }],
        'any',
      );
      data.tags.push('b');
      bytes.fill(0);
      await appending;

      expect(toData(await readEvents(store, stream))).toEqual([{ tags: ['a'] }, new Uint8Array([1, 2, 3])]);
    });

    it('[EVS1] refuses an append of no events, and of one event id twice', async () => {
      const store = await open();
      const event = jsonEvent();

      await expect(store.append(stream, [], 'any')).rejects.toThrow(RangeError);
      await expect(store.append(stream, [event, event], 'any')).rejects.toThrow(RangeError);

      expect(await store.readStream(stream)).toEqual({ outcome: 'no-stream' });
    });

    it('[EVS2] answers a repeat as the first time, also after later events, whatever is expected', async () => {
      const store = await open();
      const events = numberedEvents(2);
      const first = assertAppended(await store.append(stream, events, 'no-stream'));
      await store.append(stream, numberedEvents(3, 2), 'any');

      for (const expected of ['any', 'no-stream', 'stream-exists', 0n, 1n, 4n, 99n] as const) {
        expect(await store.append(stream, events, expected)).toEqual({ ...first, repeated: true });
      }
      expect(await readEvents(store, stream)).toHaveLength(5);
    });

    it('[EVS2] answers a repeat of a part with that part', async () => {
      const store = await open();
      const events = numberedEvents(4);
      await store.append(stream, events, 'no-stream');
      const all = await store.readAll();

      expect(await store.append(stream, events.slice(1, 3), 'any')).toEqual({
        outcome: 'appended',
        firstRevision: 1n,
        lastRevision: 2n,
        position: all[2]?.position,
        repeated: true,
      });
    });

    it('[EVS2] stores an append once that is asked for twice at the same time', async () => {
      const store = await open();
      const events = numberedEvents(2);

      const [first, second] = await Promise.all([
        store.append(stream, events, 'no-stream'),
        store.append(stream, events, 'no-stream'),
      ]);

      expect(first).toMatchObject({
        outcome: 'appended',
        firstRevision: 0n,
        lastRevision: 1n,
        repeated: false,
      });
      expect(second).toEqual({ ...first, repeated: true });
      expect(toIds(await readEvents(store, stream))).toEqual(toIds(events));
    });

    it('[EVS2] refuses events of which some are stored, or all in another order', async () => {
      const store = await open();
      const events = numberedEvents(4);
      await store.append(stream, events.slice(0, 3), 'no-stream');

      for (const chosen of [
        [0, 1, 3],
        [2, 3],
        [3, 0],
        [1, 0],
        [0, 2],
      ]) {
        const attempt = chosen.flatMap((index) => events.slice(index, index + 1));
        for (const expected of ['any', 2n] as const) {
          expect(await store.append(stream, attempt, expected)).toEqual({
            outcome: 'wrong-expected-revision',
            actual: 2n,
          });
        }
      }
      expect(toIds(await readEvents(store, stream))).toEqual(toIds(events.slice(0, 3)));
    });

    it('[EVS2] takes an id that another stream has as a new one', async () => {
      const store = await open();
      const event = jsonEvent();
      await store.append(stream, [event], 'no-stream');

      expect(await store.append(toStreamName('note', '2'), [event], 'no-stream')).toMatchObject({
        outcome: 'appended',
        firstRevision: 0n,
        repeated: false,
      });
    });

    it('[EVS2] answers a repeat to a tombstoned stream as any other append', async () => {
      const store = await open();
      const events = numberedEvents(1);
      await store.append(stream, events, 'no-stream');
      await store.tombstone(stream);

      expect(await store.append(stream, events, 'any')).toEqual({ outcome: 'tombstoned' });
    });
  });
}
