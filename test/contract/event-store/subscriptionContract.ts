import { describe, expect, it } from 'vitest';
import type {
  EventStore,
  StoredEvent,
  Subscription,
  SubscriptionHandlers,
} from '../../../server/src/event-store/eventStore.ts';
import { toStreamName, toTextStreamName } from '../../../server/src/event-store/streamName.ts';
import { bytesEvent, numberedEvents, toData, toIds } from './newEvents.ts';
import type { OpenTestStore } from './openTestStore.ts';
import { randomFrom } from '../../support/seededRandom.ts';
import { readEvents } from './readEvents.ts';
import { recordSubscription, type SubscriptionRecord } from './recordSubscription.ts';

const SEED = Number(process.env.WEFT_SEED ?? 1);

const stream = toStreamName('note', '1');
const text = toTextStreamName('note', 'body', '1');

/** The same rules for both kinds of subscription, on a store in which only one stream is written. */
const KINDS: [
  string,
  (store: EventStore, after: StoredEvent | undefined, handlers: SubscriptionHandlers) => Subscription,
][] = [
  ['a stream', (store, after, handlers) => store.subscribeToStream(stream, after?.revision, handlers)],
  [
    'all streams',
    (store, after, handlers) => store.subscribeToAll(after ? { after: after.position } : {}, handlers),
  ],
  [
    'a category',
    (store, after, handlers) => {
      const filter = { categories: ['note', 'unknown'] };
      return store.subscribeToAll(after ? { after: after.position, filter } : { filter }, handlers);
    },
  ],
];

function isOver(record: SubscriptionRecord): boolean {
  return record.events().at(-1)?.data === 'last';
}

async function appendLast(store: EventStore): Promise<void> {
  const [event] = numberedEvents(1);
  if (event) await store.append(stream, [{ ...event, format: 'json', data: 'last' }], 'any');
}

export function registerSubscriptionContract(open: OpenTestStore): void {
  describe.each(KINDS)('subscription to %s', (_, subscribe) => {
    it('[EVS5] delivers what is stored after any event, then what is appended', async () => {
      const store = await open();
      await store.append(stream, numberedEvents(5), 'any');
      const before = await readEvents(store, stream);
      const records = [0, 1, 3, 5].map((count) => ({
        count,
        record: recordSubscription((handlers) => subscribe(store, before[count - 1], handlers)),
      }));
      for (const { count, record } of records) {
        await record.until((current) => current.hasCaughtUp());
        expect(record.events()).toEqual(before.slice(count));
      }

      await store.append(stream, numberedEvents(2, 5), 'any');
      await store.append(text, numberedEvents(1), 'any');
      await appendLast(store);
      const all = await readEvents(store, stream);

      for (const { count, record } of records) {
        await record.until(isOver);
        expect(record.events().filter((event) => event.stream === stream)).toStrictEqual(all.slice(count));
        const places = record.calls.flatMap(({ call }, index) => (call === 'caught-up' ? [index] : []));
        expect(places).toEqual([5 - count]);
        expect(record.error()).toBeUndefined();
      }
    });

    it('[EVS5] says that it is caught up where nothing is stored, and calls nobody before it returned', async () => {
      const store = await open();
      const record = recordSubscription((handlers) => subscribe(store, undefined, handlers));
      expect(record.calls).toEqual([]);
      await record.until((current) => current.hasCaughtUp());

      await appendLast(store);
      await record.until(isOver);

      expect(record.calls.map(({ call }) => call)).toEqual(['caught-up', 'event']);
    });

    it('[EVS5] delivers a long history and large events in order', async () => {
      const store = await open();
      await store.append(stream, numberedEvents(1_200), 'any');
      for (let index = 0; index < 4; index += 1) {
        await store.append(stream, [bytesEvent(new Uint8Array(600_000).fill(index))], 'any');
      }
      await appendLast(store);
      const record = recordSubscription((handlers) => subscribe(store, undefined, handlers));
      await record.until((current) => current.hasCaughtUp());

      expect(toIds(record.events())).toEqual(toIds(await readEvents(store, stream)));
      expect(record.events().map(({ data }) => (data as Uint8Array)[0])).toEqual([
        ...Array<undefined>(1_200).fill(undefined),
        ...[0, 1, 2, 3],
        'l',
      ]);
    });

    it('[EVS5] waits for the handler before it delivers the next event', async () => {
      const store = await open();
      await store.append(stream, numberedEvents(3), 'any');
      let running = 0;
      let mostRunning = 0;
      const record = recordSubscription(
        (handlers) => subscribe(store, undefined, handlers),
        async () => {
          running += 1;
          mostRunning = Math.max(mostRunning, running);
          // A call of the store takes longer than any number of microtasks.
          await store.readAll({ limit: 1 });
          running -= 1;
        },
      );
      await store.append(stream, numberedEvents(3, 3), 'any');
      await appendLast(store);
      await record.until(isOver);

      expect(mostRunning).toBe(1);
      expect(toData(record.events())).toEqual([0, 1, 2, 3, 4, 5, 'last']);
    });

    it('[EVS5] delivers to a handler that falls far behind everything, from the store again', async () => {
      const store = await open();
      const gate = Promise.withResolvers<undefined>();
      const record = recordSubscription(
        (handlers) => subscribe(store, undefined, handlers),
        (event) => (event.data === 0 ? gate.promise : undefined),
      );
      await record.until((current) => current.hasCaughtUp());
      await store.append(stream, numberedEvents(1), 'any');
      await record.until((current) => current.events().length === 1);

      for (let first = 1; first <= 1_900; first += 100)
        await store.append(stream, numberedEvents(100, first), 'any');
      for (let index = 0; index < 4; index += 1) {
        await store.append(stream, [bytesEvent(new Uint8Array(600_000))], 'any');
      }
      await appendLast(store);
      expect(record.events()).toHaveLength(1);
      gate.resolve(undefined);
      await record.until(isOver);

      expect(record.events()).toHaveLength(1_906);
      expect(toIds(record.events())).toEqual(toIds(await readEvents(store, stream)));
      expect(record.calls.filter(({ call }) => call === 'caught-up')).toHaveLength(1);
    });

    it.each([SEED, SEED + 1, SEED + 2])(
      '[EVS5] leaves no gap and repeats nothing while others append (seed %i)',
      async (seed) => {
        const random = randomFrom(seed);
        const store = await open();
        let count = 0;
        const append = () => {
          const events = numberedEvents(1 + random.integer(40), count);
          count += events.length;
          return store.append(stream, events, 'any');
        };
        await append();
        const records: SubscriptionRecord[] = [];
        const appends: Promise<unknown>[] = [];
        for (let step = 0; step < 120; step += 1) {
          const action = random.integer(10);
          if (action === 0) {
            const [event] = await readEvents(store, stream, {
              from: BigInt(random.integer(count)),
              limit: 1,
            });
            const isSlow = random.integer(2) === 0;
            records.push(
              recordSubscription(
                (handlers) => subscribe(store, event, handlers),
                async (delivered) => {
                  if (isSlow && delivered.revision % 50n === 0n) await store.readStream(stream, { limit: 1 });
                },
              ),
            );
          } else if (action < 8) appends.push(append());
          else await appends.at(random.integer(appends.length + 1));
        }
        await Promise.all(appends);
        await appendLast(store);
        const all = await readEvents(store, stream);

        expect(records.length).toBeGreaterThan(3);
        for (const record of records) {
          await record.until(isOver);
          const first = Number(record.events()[0]?.revision);
          expect(toIds(record.events())).toEqual(toIds(all.slice(first)));
        }
      },
    );

    it('[EVS5] calls no handler after it was stopped, also in a handler', async () => {
      const store = await open();
      await store.append(stream, numberedEvents(5), 'any');
      const other = recordSubscription((handlers) => subscribe(store, undefined, handlers));
      const stoppedAtOnce = recordSubscription((handlers) => subscribe(store, undefined, handlers));
      stoppedAtOnce.stop();
      const stoppedInHandler = recordSubscription(
        (handlers) => subscribe(store, undefined, handlers),
        (event, current) => {
          if (event.data === 1) current.stop();
        },
      );
      const stoppedLive = recordSubscription(
        (handlers) => subscribe(store, undefined, handlers),
        (event, current) => {
          if (event.data === 5) current.stop();
        },
      );
      await stoppedLive.until((current) => current.hasCaughtUp());
      await store.append(stream, numberedEvents(2, 5), 'any');
      await appendLast(store);
      await other.until(isOver);
      stoppedLive.stop();

      expect(stoppedAtOnce.calls).toEqual([]);
      expect(toData(stoppedInHandler.events())).toEqual([0, 1]);
      expect(stoppedInHandler.calls).toHaveLength(2);
      expect(toData(stoppedLive.events())).toEqual([0, 1, 2, 3, 4, 5]);
      expect(stoppedLive.calls).toHaveLength(7);
    });

    it.each([
      [
        'throws',
        () => {
          throw new Error('no');
        },
      ],
      ['rejects', () => Promise.reject(new Error('no'))],
    ])('[EVS5] ends through onError where a handler %s, without harm to others', async (_name, failure) => {
      const store = await open();
      const other = recordSubscription((handlers) => subscribe(store, undefined, handlers));
      const record = recordSubscription(
        (handlers) => subscribe(store, undefined, handlers),
        (event) => (event.data === 1 ? failure() : undefined),
      );
      await store.append(stream, numberedEvents(3), 'any');
      await appendLast(store);
      await other.until(isOver);
      await record.until((current) => current.error() !== undefined);
      record.stop();

      expect(toData(record.events())).toEqual([0, 1]);
      expect(record.error()?.message).toBe('no');
      expect(record.calls.filter(({ call }) => call === 'error')).toHaveLength(1);
      expect(toData(other.events())).toEqual([0, 1, 2, 'last']);
    });

    it('[EVS5] ends silently where a handler stops it and throws', async () => {
      const store = await open();
      const record = recordSubscription(
        (handlers) => subscribe(store, undefined, handlers),
        (_event, current) => {
          current.stop();
          throw new Error('no');
        },
      );
      await store.append(stream, numberedEvents(1), 'any');
      await record.until((current) => current.events().length === 1);
      await appendLast(store);
      await store.readAll();

      expect(record.calls.filter(({ call }) => call !== 'caught-up')).toHaveLength(1);
    });

    it('[EVS5] skips what was truncated', async () => {
      const store = await open();
      await store.append(stream, numberedEvents(5), 'any');
      await store.truncateBefore(stream, 3n);
      const record = recordSubscription((handlers) => subscribe(store, undefined, handlers));
      await record.until((current) => current.hasCaughtUp());
      await store.truncateBefore(stream, 5n);
      await appendLast(store);
      await record.until(isOver);

      expect(toData(record.events())).toEqual([3, 4, 'last']);
    });

    it('[EVS5] does not deliver a repeated append again', async () => {
      const store = await open();
      const events = numberedEvents(2);
      const record = recordSubscription((handlers) => subscribe(store, undefined, handlers));
      await record.until((current) => current.hasCaughtUp());
      await store.append(stream, events, 'any');
      await store.append(stream, events, 'any');
      await appendLast(store);
      await record.until(isOver);

      expect(toData(record.events())).toEqual([0, 1, 'last']);
    });

    it('[EVS5] gives each subscriber events of its own', async () => {
      const store = await open();
      const records = [0, 1].map(() =>
        recordSubscription(
          (handlers) => subscribe(store, undefined, handlers),
          ({ data }) => {
            if (data instanceof Uint8Array) data[0] = (data[0] ?? 0) + 1;
          },
        ),
      );
      await store.append(stream, [bytesEvent(new Uint8Array([1]))], 'any');
      await appendLast(store);
      for (const record of records) await record.until(isOver);

      expect(records.map((record) => record.events()[0]?.data)).toEqual([
        new Uint8Array([2]),
        new Uint8Array([2]),
      ]);
      expect((await readEvents(store, stream))[0]?.data).toEqual(new Uint8Array([1]));
    });
  });

  describe('subscription', () => {
    it('[EVS5] to a stream delivers nothing of others', async () => {
      const store = await open();
      await store.append(text, numberedEvents(1), 'any');
      const record = recordSubscription((handlers) => store.subscribeToStream(stream, undefined, handlers));
      await record.until((current) => current.hasCaughtUp());
      await store.append(toStreamName('note', '11'), numberedEvents(1), 'any');
      await appendLast(store);
      await record.until(isOver);

      expect(record.events()).toHaveLength(1);
    });

    it('[EVS5] to categories delivers just those, stored and appended, in order of position', async () => {
      const store = await open();
      const streams = [stream, text, toStreamName('notebook', '1'), toStreamName('note', '2'), text];
      for (const [index, name] of streams.entries())
        await store.append(name, numberedEvents(1, index), 'any');
      const subscribe = (categories: string[]) =>
        recordSubscription((handlers) => store.subscribeToAll({ filter: { categories } }, handlers));
      const [fields, texts, both, none] = [['note'], ['note.body'], ['note.body', 'note'], []].map(subscribe);
      for (const record of [fields, texts, both, none])
        await record?.until((current) => current.hasCaughtUp());
      for (const [index, name] of streams.entries())
        await store.append(name, numberedEvents(1, index + 5), 'any');
      await appendLast(store);
      await fields?.until(isOver);
      await both?.until(isOver);
      await texts?.until((current) => current.events().length === 4);

      expect(toData(fields?.events() ?? [])).toEqual([0, 3, 5, 8, 'last']);
      expect(toData(texts?.events() ?? [])).toEqual([1, 4, 6, 9]);
      expect(toData(both?.events() ?? [])).toEqual([0, 1, 3, 4, 5, 6, 8, 9, 'last']);
      expect(none?.calls).toEqual([{ call: 'caught-up' }]);
    });

    it('[EVS5] to a tombstoned stream is to an empty one', async () => {
      const store = await open();
      await store.append(stream, numberedEvents(2), 'any');
      const early = recordSubscription((handlers) => store.subscribeToStream(stream, 0n, handlers));
      await early.until((current) => current.hasCaughtUp());
      await store.tombstone(stream);
      const late = recordSubscription((handlers) => store.subscribeToStream(stream, undefined, handlers));
      await late.until((current) => current.hasCaughtUp());

      expect(toData(early.events())).toEqual([1]);
      expect(late.calls).toEqual([{ call: 'caught-up' }]);
      expect(early.error()).toBeUndefined();
    });
  });
}
