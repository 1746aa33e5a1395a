import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createSeededRandom } from '../../../test/support/seededRandom.ts';
import type { EventStore } from '../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import { createAggregateRepository } from './aggregateRepository.ts';
import { createCountingStore } from './testSupport/countingStore.ts';
import { append, createHistory, foldEach, ref, stream, task } from './testSupport/histories.ts';
import { createRecordingLogger } from './testSupport/recordingLogger.ts';

type Faults = NonNullable<Parameters<typeof createInMemoryEventStore>[0]>['faults'];

function setUp({
  faults,
  inner = createInMemoryEventStore({ faults }),
}: { faults?: Faults; inner?: EventStore } = {}) {
  const store = createCountingStore(inner);
  const { logger } = createRecordingLogger();
  const repository = createAggregateRepository({ store, logger });
  onTestFinished(async () => {
    await repository.close();
    await store.close();
  });
  return { store, repository };
}

const events = createHistory(createSeededRandom(), 200);
const states = foldEach(task, events);

test('[FLD1] what is known is had without asking the store, and what is not is read', async () => {
  const { store, repository } = setUp();
  await append(store, events.slice(0, 3));
  expect((await repository.peek(ref)).state).toEqual(states[2]);
  expect(store.takeReads()).toEqual([{ stream, events: 3 }]);

  await append(store, events.slice(3, 4));
  expect((await repository.peek(ref)).state).toEqual(states[2]);
  expect(store.takeReads()).toEqual([]);
});

test('[FLD1] of what is known only the rest is read', async () => {
  const { store, repository } = setUp();
  await append(store, events.slice(0, 100));
  await repository.load(ref);
  store.takeReads();
  await append(store, events.slice(100, 102));

  expect((await repository.load(ref)).state).toEqual(states[101]);
  expect((await repository.load(ref)).point).toMatchObject({ revision: 101n, eventId: events[101]?.id });
  expect(store.takeReads().map((read) => read.events)).toEqual([2, 0]);
});

test('[FLD1] what this process appended is known to it without reading', async () => {
  const { store, repository } = setUp();
  const first = await repository.peek(ref);
  const created = repository.advance(ref, first, await append(store, events.slice(0, 1)));
  const changed = repository.advance(ref, created, await append(store, events.slice(1, 3)));
  store.takeReads();

  expect(changed.state).toEqual(states[2]);
  expect(await repository.peek(ref)).toBe(changed);
  expect(await repository.loadAt(ref, changed, 1n)).toMatchObject({
    state: states[1],
    event: { revision: 1n },
  });
  expect(store.takeReads()).toEqual([]);
  expect(await repository.load(ref)).toBe(changed);
});

test('[FLD1] an aggregate that is not there is looked for again', async () => {
  const { store, repository } = setUp();
  expect(await repository.peek(ref)).toMatchObject({ state: { status: 'missing' }, point: undefined });
  await append(store, events.slice(0, 1));
  expect((await repository.peek(ref)).state).toEqual(states[0]);
});

test('[FLD1] many who open an aggregate at once share one read', async () => {
  const { store, repository } = setUp();
  await append(store, events);
  const folds = await Promise.all([
    ...Array.from({ length: 20 }, () => repository.load(ref)),
    ...Array.from({ length: 20 }, () => repository.peek(ref)),
  ]);
  expect(new Set(folds).size).toBe(1);
  expect(store.takeReads()).toEqual([{ stream, events: 200 }]);
});

test('[FLD1] who asks for the newest while it is read is told what was stored until then', async () => {
  const gate = Promise.withResolvers<undefined>();
  let reads = 0;
  const inner = createInMemoryEventStore();
  const { repository } = setUp({
    inner: {
      ...inner,
      // The first read is answered as of before, and late.
      readStream: async (...request) => {
        reads += 1;
        const read = await inner.readStream(...request);
        if (reads === 1) await gate.promise;
        return read;
      },
    },
  });
  await append(inner, events.slice(0, 1));
  const early = repository.load(ref);
  await setImmediate();
  await append(inner, events.slice(1, 2));
  const late = repository.load(ref);
  gate.resolve(undefined);

  expect((await early).state).toEqual(states[0]);
  expect((await late).state).toEqual(states[1]);
});

test('[FLD1] a read that was overtaken takes nothing back', async () => {
  const gate = Promise.withResolvers<undefined>();
  let isHeld = false;
  const inner = createInMemoryEventStore();
  const { repository } = setUp({
    inner: {
      ...inner,
      readStream: async (...request) => {
        const read = await inner.readStream(...request);
        if (isHeld) await gate.promise;
        return read;
      },
    },
  });
  await append(inner, events.slice(0, 1));
  const fold = await repository.load(ref);
  isHeld = true;
  const slow = repository.load(ref);
  await setImmediate();
  const advanced = repository.advance(ref, fold, await append(inner, events.slice(1, 3)));
  gate.resolve(undefined);

  expect(await slow).toBe(advanced);
  expect(await repository.peek(ref)).toBe(advanced);
});

test('[FLD1] an older fold that is continued does not replace a newer one', async () => {
  const { store, repository } = setUp();
  const [first, ...rest] = await append(store, events.slice(0, 5));
  const empty = { state: { status: 'missing' as const }, point: undefined, recent: [], milestone: undefined };
  const newest = await repository.load(ref);
  expect(rest).toHaveLength(4);

  const older = repository.advance(ref, empty, [first!]);

  expect(older.state).toEqual(states[0]);
  expect(await repository.peek(ref)).toBe(newest);
});

test('[FLD1] an erased aggregate is known no more', async () => {
  const { store, repository } = setUp();
  await append(store, events.slice(0, 5));
  await repository.load(ref);
  await store.tombstone(stream);

  expect(await repository.load(ref)).toMatchObject({ state: { status: 'missing' }, point: undefined });
  expect(await repository.peek(ref)).toMatchObject({ state: { status: 'missing' }, point: undefined });
});

test('[FLD1] a fold is begun anew where the store holds another, shorter history', async () => {
  const other = createInMemoryEventStore();
  const inner = createInMemoryEventStore();
  let current = inner;
  const { repository } = setUp({
    inner: { ...inner, readStream: (...request) => current.readStream(...request) },
  });
  await append(inner, events.slice(0, 9));
  await append(other, events.slice(0, 5));
  await repository.load(ref);
  current = other;

  expect((await repository.load(ref)).state).toEqual(states[4]);
  expect((await repository.peek(ref)).state).toEqual(states[4]);
});

test('[FLD1] a read that fails is told to who asked, and the next succeeds', async () => {
  let isFailing = true;
  const { store, repository } = setUp({
    faults: {
      beforeRead: () => {
        if (isFailing) throw new Error('no disk');
      },
    },
  });
  await append(store, events.slice(0, 2));
  await expect(repository.peek(ref)).rejects.toThrow('no disk');
  await expect(repository.load(ref)).rejects.toThrow('no disk');
  isFailing = false;
  expect((await repository.peek(ref)).state).toEqual(states[1]);
});

test('[FLD4] the state that an event led to is found, however old, and not where there is no such event', async () => {
  const { store, repository } = setUp();
  await append(store, events);
  const fold = await repository.load(ref);
  for (const index of [0, 1, 70, 135, 136, 199]) {
    const found = await repository.loadAt(ref, fold, BigInt(index));
    expect(found?.state).toEqual(states[index]);
    expect(found?.event).toMatchObject({ id: events[index]?.id, revision: BigInt(index) });
  }
  expect(await repository.loadAt(ref, fold, 200n)).toBeUndefined();
});

test('[FLD4] of a truncated history there is no state', async () => {
  const { store, repository } = setUp();
  await append(store, events);
  const fold = await repository.load(ref);
  await store.truncateBefore(stream, 50n);
  expect(await repository.loadAt(ref, fold, 10n)).toBeUndefined();
  expect(await repository.loadAt(ref, fold, 60n)).toBeUndefined();

  const again = createAggregateRepository({ store, logger: createRecordingLogger().logger });
  const rest = await again.load(ref);
  expect(rest.point).toMatchObject({ revision: 199n, eventId: events[199]?.id });
  expect(await again.loadAt(ref, rest, 60n)).toBeUndefined();
  expect(await again.loadAt(ref, rest, 198n)).toBeUndefined();
});
