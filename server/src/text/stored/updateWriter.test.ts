import * as prng from 'lib0/prng';
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createManualClock } from '../../../../client-sdk/src/testSupport/manualClock.ts';
import type { EventStore, NewEvent } from '../../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../../event-store/inMemoryEventStore.ts';
import type { InMemoryFaults } from '../../event-store/inMemoryEventLog.ts';
import { toTextStreamName } from '../../event-store/streamName.ts';
import { MAX_PART_BYTES } from './eventParts.ts';
import { loadText } from './loadText.ts';
import { createPendingBytes } from './pendingBytes.ts';
import { createSeat, type Seat } from '../room/seat.ts';
import { createTicks } from '../room/ticks.ts';
import { toTextEvents } from './textEvents.ts';
import { type Stored, UpdateWriter, type WriterEnding } from './updateWriter.ts';

const STREAM = toTextStreamName('note', 'body', 'n1');
const SPACING_MS = 10;
const seed = Number(process.env.WEFT_SEED ?? 1);

/** What EventStoreDB takes at once. */
const MAX_APPEND_BYTES = 1024 * 1024;

function createWriter({
  faults,
  pending = createPendingBytes(),
  onStored,
}: {
  faults?: InMemoryFaults;
  pending?: ReturnType<typeof createPendingBytes>;
  onStored?: () => void;
} = {}) {
  const inner = createInMemoryEventStore({ faults });
  const appends: (readonly NewEvent[])[] = [];
  const store: EventStore = {
    ...inner,
    append: async (stream, events, expected) => {
      const result = await inner.append(stream, events, expected);
      appends.push(events);
      return result;
    },
  };
  const clock = createManualClock();
  const stored: Stored[] = [];
  const endings: WriterEnding[] = [];
  const log = () => {};
  const logger = { debug: log, info: log, warn: log, error: log };
  const writer = new UpdateWriter({
    stream: STREAM,
    store,
    clock,
    logger,
    createId: randomUUID,
    ticks: createTicks(clock, SPACING_MS, logger),
    pending,
    onStored: onStored ?? ((batch) => stored.push(batch)),
    onEnded: (ending) => endings.push(ending),
  });
  const settle = async (milliseconds = 400) => {
    for (let passed = 0; passed < milliseconds; passed += SPACING_MS) {
      await setImmediate();
      clock.advance(SPACING_MS);
    }
    await setImmediate();
  };
  return { writer, store, appends, pending, clock, stored, endings, settle };
}

/** Who typed what each event holds. */
async function storedPeople(store: EventStore): Promise<string[][]> {
  const read = await store.readStream(STREAM);
  const events = read.outcome === 'read' ? toTextEvents(read.events) : [];
  return events.map((event) =>
    event.kind === 'updated' ? event.contributions.map(({ user }) => user.name) : [],
  );
}

function createPerson(name: string): Seat {
  const user = { id: name.toLowerCase(), name };
  return createSeat({ user, wantsSaved: true, send: () => {}, close: () => {} });
}

/** A document whose every update is one insertion at its end. */
function createTypist() {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  return (letters: string): Uint8Array => {
    doc.getText('body').insert(doc.getText('body').length, letters);
    return updates.at(-1)!;
  };
}

async function storedText(store: EventStore): Promise<string> {
  const loaded = await loadText(store, STREAM);
  if (loaded.outcome !== 'loaded') return loaded.outcome;
  const doc = new Y.Doc();
  Y.applyUpdate(doc, loaded.text.update);
  return doc.getText('body').toJSON();
}

function sizeOf(events: readonly NewEvent[]): number {
  return events.reduce((sum, { data, metadata }) => {
    return sum + (data as Uint8Array).byteLength + Buffer.byteLength(JSON.stringify(metadata)) + 100;
  }, 0);
}

/** Whether every append so far is one that any store takes. */
function areSmall(appends: readonly (readonly NewEvent[])[]): boolean {
  return appends.every((events) => {
    const areEvents = events.every(({ data }) => (data as Uint8Array).byteLength <= MAX_PART_BYTES);
    return areEvents && sizeOf(events) < MAX_APPEND_BYTES;
  });
}

describe('writing updates', () => {
  it('[TXT17] stores what is more than one append takes in several, in the order in which it came', async () => {
    const { writer, appends, stored, settle, store } = createWriter();
    const type = createTypist();
    const ada = createPerson('Ada');
    for (let count = 1; count <= 5; count++) {
      writer.add({ seat: ada, count, update: type(String(count).repeat(200 * 1024)) });
    }
    await settle();
    // The first at once, and of the others as many together as fit.
    expect(appends.map((events) => events.length)).toEqual([1, 1, 1]);
    expect(stored.map(({ counts }) => counts.get(ada))).toEqual([1, 3, 5]);
    expect(areSmall(appends)).toBe(true);
    const expected = [1, 2, 3, 4, 5].map((digit) => String(digit).repeat(200 * 1024)).join('');
    expect((await storedText(store)) === expected).toBe(true);
  });

  it('[TXT17] stores an update that is larger in parts, and shows it only once all are durable', async () => {
    let open = () => {};
    let attempts = 0;
    const { writer, appends, stored, settle, store } = createWriter({
      faults: {
        beforeAppend: () => {
          attempts += 1;
          if (attempts === 2) throw new Error('no disk');
          return attempts < 4 ? undefined : new Promise<void>((resolve) => (open = resolve));
        },
      },
    });
    const [ada, ben] = [createPerson('Ada'), createPerson('Ben')];
    const type = createTypist();
    const letters = 'x'.repeat(2 * MAX_PART_BYTES);
    writer.add({ seat: ada, count: 1, update: type(letters) });
    writer.add({ seat: ben, count: 1, update: type('!') });
    await settle();
    expect([appends.length, attempts, stored, writer.isIdle]).toEqual([2, 4, [], false]);
    expect(await storedText(store)).toBe('');

    open();
    await settle();
    open();
    await settle();
    expect(appends.map((events) => events.map(({ metadata }) => metadata.user.name))).toEqual([
      ['Ada'],
      ['Ada'],
      ['Ada'],
      ['Ben'],
    ]);
    expect(stored.map(({ written }) => written?.revision)).toEqual([2n, 3n]);
    expect(areSmall(appends)).toBe(true);
    expect((await storedText(store)) === `${letters}!`).toBe(true);
  });

  it('[TXT17] leaves nothing of an update behind that was stopped between its parts', async () => {
    const { writer, appends, stored, settle, store, pending } = createWriter({
      faults: {
        beforeAppend: () => {
          if (appends.length === 1) throw new Error('no disk');
        },
      },
    });
    writer.add({
      seat: createPerson('Ada'),
      count: 1,
      update: createTypist()('x'.repeat(2 * MAX_PART_BYTES)),
    });
    await settle();
    await writer.stop();
    expect([appends.length, stored, pending.total]).toEqual([1, [], 0]);
    expect(await storedText(store)).toBe('');
  });

  it('[TXT17] stores what ever so many people typed in appends that any store takes', async () => {
    const { writer, appends, settle, store } = createWriter();
    const update = createTypist()('x');
    for (let index = 0; index < 2000; index++) {
      writer.add({ seat: createPerson(`${'☕'.repeat(76)}${index}`), count: 1, update });
    }
    await settle();
    expect((await storedPeople(store)).flat()).toHaveLength(2000);
    expect(areSmall(appends)).toBe(true);
  });

  it('[TXT8] merges what each person typed, and stores all of a tick in one event', async () => {
    const { writer, store, settle, stored } = createWriter();
    const [ada, ben] = [createPerson('Ada'), createPerson('Ben')];
    const [typeA, typeB] = [createTypist(), createTypist()];
    writer.add({ seat: ada, count: 1, update: typeA('a') });
    for (let count = 2; count < 5; count++) {
      writer.add({ seat: ada, count, update: typeA('a') });
      writer.add({ seat: ben, count: count - 1, update: typeB('b') });
    }
    await settle();
    expect(await storedPeople(store)).toEqual([['Ada'], ['Ada', 'Ben']]);
    expect((await storedText(store))?.length).toBe(7);
    expect([...(stored[1]?.counts ?? [])]).toEqual([
      [ada, 4],
      [ben, 3],
    ]);
  });

  it('[TXT3] calls what adds nothing saved with what it waits for', async () => {
    const { writer, settle, stored } = createWriter();
    const ada = createPerson('Ada');
    const ben = createPerson('Ben');
    writer.add({ seat: ben, count: 1, update: undefined });
    expect(stored).toHaveLength(1);
    writer.add({ seat: ada, count: 1, update: createTypist()('x'.repeat(2 * MAX_PART_BYTES)) });
    writer.add({ seat: ben, count: 2, update: undefined });
    expect(stored).toHaveLength(1);
    await settle();
    expect(stored.map(({ counts }) => [...counts])).toEqual([
      [[ben, 1]],
      [
        [ada, 1],
        [ben, 2],
      ],
    ]);
  });

  it.each(Array.from({ length: 8 }, (_, run) => ({ runSeed: seed + run })))(
    '[TXT18] counts what waits until it is stored or given up, whatever happens (seed $runSeed)',
    async ({ runSeed }) => {
      const random = prng.create(runSeed);
      const pending = createPendingBytes();
      pending.add(1);
      let failing = prng.bool(random);
      const fail = () => {
        if (failing && prng.int32(random, 0, 2) === 0) throw new Error('no disk');
      };
      const { writer, store, settle, stored, clock } = createWriter({
        pending,
        faults: { beforeAppend: fail, afterAppend: fail },
      });
      const people = ['Ada', 'Ben', 'Cleo'].map((name) => ({
        seat: createPerson(name),
        type: createTypist(),
        count: 0,
      }));
      let added = 0;
      for (let step = 0; step < 40; step++) {
        const person = prng.oneOf(random, people);
        const length = prng.oneOf(random, [1, 10, 1000, 150_000, 300_000, MAX_PART_BYTES + 1]);
        person.count += 1;
        const isNew = prng.int32(random, 0, 4) > 0;
        added += isNew ? length : 0;
        writer.add({ ...person, update: isNew ? person.type('x'.repeat(length)) : undefined });
        expect(pending.total - 1).toBe(writer.pendingBytes);
        if (prng.int32(random, 0, 5) === 0) await settle(prng.int32(random, 0, 60));
      }
      expect(added).toBeGreaterThan(0);
      const end = prng.int32(random, 0, 3);
      if (end === 0) await writer.stop();
      else if (end === 1) await store.tombstone(STREAM);
      else if (end === 2) failing = false;
      const isDrained = writer.drain(10_000);
      for (let second = 0; second < 12; second++) await settle(1000);
      const isStored = await isDrained;
      await writer.stop();
      expect([writer.pendingBytes, pending.total, clock.timers]).toEqual([0, 1, 0]);
      if (end === 2) {
        expect(isStored).toBe(true);
        const counts = new Map(stored.flatMap((batch) => [...batch.counts]));
        for (const { seat, count } of people) expect(counts.get(seat) ?? 0).toBe(count);
      }
      // Nothing is counted that comes after the end.
      writer.add({ seat: createPerson('Dan'), count: 1, update: createTypist()('x') });
      expect(pending.total).toBe(1);
    },
  );

  it('[TXT9] ends as broken where what is stored cannot be told', async () => {
    const err = new Error('one room fails');
    const { writer, pending, endings, settle } = createWriter({
      onStored: () => {
        throw err;
      },
    });
    const ada = createPerson('Ada');
    // Nothing to store, and something.
    writer.add({ seat: ada, count: 1, update: undefined });
    expect(endings).toEqual([{ kind: 'broken', err }]);
    writer.add({ seat: ada, count: 2, update: createTypist()('x') });
    await settle();
    expect([endings.length, pending.total]).toEqual([1, 0]);
  });

  it('[TXT18] gives up what waits when its stream is gone, and says so once', async () => {
    const { writer, store, settle, pending, endings } = createWriter();
    await store.tombstone(STREAM);
    const type = createTypist();
    const ada = createPerson('Ada');
    for (let count = 1; count < 4; count++)
      writer.add({ seat: ada, count, update: type('x'.repeat(400_000)) });
    expect(pending.total).toBeGreaterThan(1_200_000);
    await settle();
    expect([pending.total, endings]).toEqual([0, [{ kind: 'tombstoned' }]]);
  });
});
