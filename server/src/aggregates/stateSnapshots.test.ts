import { join } from 'node:path';
import type { AggregateDefinition } from '@weft/client/protocol';
import { assert, expect, onTestFinished, test } from 'vitest';
import { createSeededRandom } from '../../../test/support/seededRandom.ts';
import { createTemporaryFolder } from '../../../test/support/temporaryFolder.ts';
import type { EventStore, NewEvent } from '../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import { createSqliteEventStore } from '../event-store/sqlite/sqliteEventStore.ts';
import { createAggregateRepository } from './aggregateRepository.ts';
import { toSnapshotStream } from './stateSnapshot.ts';
import { countEvents, createCountingStore } from './testSupport/countingStore.ts';
import {
  append,
  createCountedHistory,
  createDeletion,
  createHistory,
  foldEach,
  ref,
  stream,
  task,
  taskOfOtherEvolve,
  taskWithStatus,
} from './testSupport/histories.ts';
import { createRecordingLogger } from './testSupport/recordingLogger.ts';

const side = toSnapshotStream(ref);

/** A server's view of a store, as it is after a start. */
function start(inner: EventStore, definition: AggregateDefinition = task) {
  const store = createCountingStore(inner);
  const { logger, logged } = createRecordingLogger();
  const repository = createAggregateRepository({ store, logger });
  return { store, repository, logged, ref: { definition, id: ref.id } };
}

async function readSnapshots(store: EventStore): Promise<{ revision: string; eventId: string }[]> {
  const read = await store.readStream(side);
  return read.outcome === 'read'
    ? read.events.map(({ data }) => data as { revision: string; eventId: string })
    : [];
}

/** Has several servers append a history, and read now and then. */
async function live(inner: EventStore, events: readonly NewEvent[], salt: number): Promise<void> {
  const random = createSeededRandom(salt);
  const servers = [start(inner), start(inner)];
  for (let done = 0; done < events.length;) {
    const step = events.slice(done, done + random.oneOf([1, 3, 40, 180, 700]));
    done += step.length;
    const { repository } = random.oneOf(servers);
    const fold = await repository.load(ref);
    repository.advance(ref, fold, await append(inner, step));
  }
  for (const { repository } of servers) await repository.close();
}

async function expectSameAsWhole(
  inner: EventStore,
  events: readonly NewEvent[],
  salt: number,
): Promise<void> {
  const random = createSeededRandom(salt);
  const states = foldEach(task, events);
  const { store, repository } = start(inner);
  const fold = await repository.load(ref);
  expect(fold.state).toEqual(states.at(-1));
  expect(fold.point).toMatchObject({ revision: BigInt(events.length - 1), eventId: events.at(-1)?.id });
  expect(fold.recent.at(-1)?.event).toMatchObject({ id: events.at(-1)?.id });
  // The first page, the snapshot, and what came after it.
  expect(countEvents(store.takeReads())).toBeLessThanOrEqual(500 + 1 + 500);
  for (let count = 0; count < 25; count++) {
    const index = random.integer(events.length);
    const found = await repository.loadAt(ref, fold, BigInt(index));
    expect(found?.state, `revision ${index}`).toEqual(states[index]);
    expect(found?.event.id).toBe(events[index]?.id);
  }
  await repository.close();
}

test.each([1, 2, 3, 4, 5, 6])(
  '[FLD2] [FLD4] a history with snapshots reads the same as the whole, %i',
  async (salt) => {
    const random = createSeededRandom(salt);
    const inner = createInMemoryEventStore();
    const events = createHistory(random, 1 + random.integer(6_000));
    if (random.integer(3) === 0) events.push(createDeletion(), ...createHistory(random, 700).slice(1));
    await live(inner, events, salt);
    await expectSameAsWhole(inner, events, salt);
  },
);

test('[FLD2] [FLD4] a history with snapshots reads the same as the whole, on SQLite', async () => {
  const inner = await createSqliteEventStore({ path: join(await createTemporaryFolder(), 'weft.db') });
  onTestFinished(() => inner.close());
  const events = createHistory(createSeededRandom(), 3_700);
  await live(inner, events, 0);
  expect(await readSnapshots(inner)).not.toHaveLength(0);
  await expectSameAsWhole(inner, events, 0);
});

test('[FLD2] a snapshot is taken of every five-hundredth state, by as many processes as there are once', async () => {
  let asked = 0;
  const inner = createInMemoryEventStore({
    faults: { beforeAppend: (name) => void (asked += name === side ? 1 : 0) },
  });
  const servers = [start(inner), start(inner)];
  const events = createHistory(createSeededRandom(), 1_203);
  const folds = await Promise.all(servers.map(({ repository }) => repository.peek(ref)));
  for (const event of events) {
    const appended = await append(inner, [event]);
    servers.forEach(({ repository }, index) => {
      folds[index] = repository.advance(ref, folds[index]!, appended);
    });
  }
  for (const { repository } of servers) await repository.close();

  expect(asked).toBe(2 * servers.length);
  const read = await inner.readStream(side);
  const states = foldEach(task, events);
  expect(read).toMatchObject({
    events: [499, 999].map((index) => ({
      type: 'TaskSnapshotTaken',
      metadata: { at: events[index]?.metadata.at, user: events[index]?.metadata.user, schemaVersion: 1 },
      data: { revision: String(index), eventId: events[index]?.id, state: states[index] },
    })),
  });
  expect(side).toBe('task.snapshots-t1');
});

test('[FLD2] a long history opens from its snapshot and its rest, a short one in one read', async () => {
  const inner = createInMemoryEventStore();
  const events = createHistory(createSeededRandom(), 10_300);
  await append(inner, events.slice(0, 400));
  const short = start(inner);
  await short.repository.load(ref);
  expect(short.store.takeReads()).toEqual([{ stream, events: 400 }]);

  await append(inner, events.slice(400));
  const first = start(inner);
  expect((await first.repository.load(ref)).state).toEqual(foldEach(task, events).at(-1));
  expect(countEvents(first.store.takeReads())).toBe(10_300);
  await first.repository.close();
  expect((await readSnapshots(inner)).map(({ revision }) => revision)).toEqual(['9999']);

  const second = start(inner);
  expect((await second.repository.load(ref)).state).toEqual(foldEach(task, events).at(-1));
  expect(second.store.takeReads()).toEqual([
    { stream, events: 500 },
    { stream: side, events: 1 },
    { stream, events: 301 },
  ]);
  await second.repository.close();
  expect(await readSnapshots(inner)).toHaveLength(1);
});

test('[FLD2] a field that was added later reads as in the whole', async () => {
  const inner = createInMemoryEventStore();
  const events = createHistory(createSeededRandom(), 1_100);
  await live(inner, events, 0);
  const { repository, ref: later } = start(inner, taskWithStatus);
  const { state } = await repository.load(later);
  expect(state).toEqual(foldEach(taskWithStatus, events).at(-1));
  expect(state).toMatchObject({ fields: { status: 'open' } });
});

test('[FLD3] a snapshot that another definition made is not used, and its own is taken', async () => {
  const inner = createInMemoryEventStore();
  const events = createCountedHistory(1_700);
  await live(inner, events, 0);
  const before = await readSnapshots(inner);
  const states = foldEach(taskOfOtherEvolve, events);
  expect(states.at(-1)).not.toEqual(foldEach(task, events).at(-1));

  const first = start(inner, taskOfOtherEvolve);
  expect((await first.repository.load(first.ref)).state).toEqual(states.at(-1));
  await first.repository.close();
  expect(await readSnapshots(inner)).toHaveLength(before.length + 1);

  const second = start(inner, taskOfOtherEvolve);
  const fold = await second.repository.load(second.ref);
  expect(fold.state).toEqual(states.at(-1));
  expect(countEvents(second.store.takeReads())).toBe(500 + 1 + 201);
  expect((await second.repository.loadAt(second.ref, fold, 700n))?.state).toEqual(states[700]);
});

test('[FLD3] a snapshot of another history is not used, an older one of this history is', async () => {
  const random = createSeededRandom();
  const [shared, lost, own] = [
    createHistory(random, 800),
    createHistory(random, 401),
    createHistory(random, 401),
  ];
  const before = createInMemoryEventStore();
  const writer = start(before);
  let fold = await writer.repository.peek(ref);
  for (const event of [...shared, ...lost.slice(1)]) {
    fold = writer.repository.advance(ref, fold, await append(before, [event]));
  }
  await writer.repository.close();
  const snapshots = await before.readStream(side);
  assert(snapshots.outcome === 'read' && snapshots.events.length === 2);

  const inner = createInMemoryEventStore();
  const events = [...shared, ...own.slice(1)];
  await append(inner, events);
  await inner.append(side, snapshots.events, 'any');
  const { store, repository } = start(inner);
  const states = foldEach(task, events);
  const loaded = await repository.load(ref);

  expect(loaded.state).toEqual(states.at(-1));
  // The first page; the snapshot at 999 and what does not fit it; the one at 499 and its rest.
  const reads = [500, 1, 201, 1, 500, 201];
  expect(store.takeReads().map((read) => read.events)).toEqual(reads);
  expect(
    (await repository.loadAt(ref, { ...loaded, recent: [], milestone: undefined }, 1_050n))?.state,
  ).toEqual(states[1_050]);
});

test('[FLD4] a state behind an old token is read from the snapshot before it', async () => {
  const inner = createInMemoryEventStore();
  const events = createHistory(createSeededRandom(), 4_321);
  const writer = start(inner);
  let fold = await writer.repository.peek(ref);
  for (const event of events) fold = writer.repository.advance(ref, fold, await append(inner, [event]));
  await writer.repository.close();
  const states = foldEach(task, events);

  const { store, repository } = start(inner);
  fold = await repository.load(ref);
  for (const [index, read] of [
    [4_320, 0],
    // The newest milestone is in memory, and its snapshot is not asked for.
    [4_000, 1],
    [3_999, 0],
    [3_998, 1 + 500],
    [500, 1 + 2],
    [499, 1 + 1],
    [498, 499],
    [0, 1],
  ] as const) {
    store.takeReads();
    expect((await repository.loadAt(ref, fold, BigInt(index)))?.state).toEqual(states[index]);
    expect(countEvents(store.takeReads()), `for revision ${index}`).toBe(read);
  }
});

test('[FLD4] where snapshots are missing the one before is taken for the next who asks', async () => {
  const inner = createInMemoryEventStore();
  const events = createHistory(createSeededRandom(), 5_010);
  await append(inner, events);
  const { store, repository } = start(inner);
  const fold = await repository.load(ref);
  await repository.loadAt(ref, fold, 3_100n);
  const again = start(inner);
  await repository.close();
  store.takeReads();

  const found = await again.repository.loadAt(ref, fold, 3_200n);
  expect(found?.state).toEqual(foldEach(task, events)[3_200]);
  expect(countEvents(again.store.takeReads())).toBe(1 + 202);
  expect((await readSnapshots(inner)).map(({ revision }) => revision)).toEqual(['4999', '2999']);
});

test('[FLD2] a truncated history opens from a snapshot of what is left, and is not told before it', async () => {
  const inner = createInMemoryEventStore();
  const events = createHistory(createSeededRandom(), 1_300);
  await live(inner, events, 0);
  await start(inner).repository.load(ref);
  await inner.truncateBefore(stream, 900n);
  const states = foldEach(task, events);
  const milestone = (await readSnapshots(inner)).some(({ revision }) => revision === '999');

  const { repository } = start(inner);
  const fold = await repository.load(ref);
  expect(milestone).toBe(true);
  expect(fold.state).toEqual(states.at(-1));
  expect((await repository.loadAt(ref, fold, 1_000n))?.state).toEqual(states[1_000]);
  expect(await repository.loadAt(ref, fold, 950n)).toBeUndefined();
});

test('[FLD2] a history that lost its beginning is never made a snapshot of', async () => {
  const inner = createInMemoryEventStore();
  await append(inner, createHistory(createSeededRandom(), 1_300));
  await inner.truncateBefore(stream, 10n);
  const { repository } = start(inner);
  await repository.load(ref);
  await repository.close();
  expect(await readSnapshots(inner)).toEqual([]);
});

test('[FLD2] a snapshot that cannot be stored is logged and harms nothing', async () => {
  const inner = createInMemoryEventStore({
    faults: {
      beforeAppend: (name) => {
        if (name === side) throw new Error('no disk');
      },
    },
  });
  const events = createHistory(createSeededRandom(), 600);
  await append(inner, events);
  const { repository, logged } = start(inner);
  expect((await repository.load(ref)).state).toEqual(foldEach(task, events).at(-1));
  await repository.close();
  expect(logged).toEqual([{ level: 'warn', message: 'a state snapshot could not be stored' }]);
});

test('[FLD2] closing waits for a snapshot under way, and none is begun after', async () => {
  const gate = Promise.withResolvers<undefined>();
  const inner = createInMemoryEventStore({
    faults: { beforeAppend: (name) => (name === side ? gate.promise.then(() => undefined) : undefined) },
  });
  const events = createHistory(createSeededRandom(), 1_000);
  await append(inner, events.slice(0, 500));
  const { repository } = start(inner);
  const fold = await repository.load(ref);
  let isClosed = false;
  const closed = repository.close().then(() => (isClosed = true));
  repository.advance(ref, fold, await append(inner, events.slice(500)));
  expect(isClosed).toBe(false);
  gate.resolve(undefined);
  await closed;
  expect((await readSnapshots(inner)).map(({ revision }) => revision)).toEqual(['499']);
});
