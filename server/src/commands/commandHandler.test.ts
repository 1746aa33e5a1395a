import { randomUUID } from 'node:crypto';
import {
  type Command,
  type CommandOutcome,
  type ConsistencyToken,
  defineAggregate,
  type User,
} from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createAggregateRepository } from '../aggregates/aggregateRepository.ts';
import { toToken } from '../aggregates/aggregateToken.ts';
import type { EventStore } from '../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import { toStreamName } from '../event-store/streamName.ts';
import { type CommandRequest, createCommandHandler } from './commandHandler.ts';

const task = defineAggregate('task', {
  fields: { title: z.string().min(1), count: z.number(), seats: z.number() },
  initial: { count: 0, seats: 0 },
  check: ({ count, seats }) =>
    count + seats > 1000 ? [{ path: 'seats', message: 'no more than a thousand together' }] : [],
});

const ada: User = { id: 'ada', name: 'Ada' };
const ben: User = { id: 'ben', name: 'Ben' };
const stream = toStreamName('task', 't1');

function setUp(store: EventStore = createInMemoryEventStore()) {
  const definitions = new Map([['task', task]]);
  const handler = createCommandHandler({
    definitions,
    store,
    repository: createAggregateRepository(store),
    clock: { now: () => 1_767_225_600_000, after: () => () => undefined },
    createId: () => randomUUID(),
  });
  const execute = (command: Command, request: Partial<CommandRequest> = {}) =>
    handler.execute({ aggregate: 'task', id: 't1', command, user: ada, ...request });
  const change = (
    patch: Record<string, unknown>,
    guard: { token?: ConsistencyToken; seen?: Record<string, unknown> } = {},
    request: Partial<CommandRequest> = {},
  ) => execute({ kind: 'change', patch, ...guard }, request);
  const readEvents = async () => {
    const read = await store.readStream(stream);
    return read.outcome === 'read' ? read.events : [];
  };
  return { store, execute, change, readEvents };
}

const create: Command = { kind: 'create', fields: { title: 'Plan' } };

function tokenOf(outcome: CommandOutcome): ConsistencyToken {
  if (!('token' in outcome)) throw new Error(`no token in ${JSON.stringify(outcome)}`);
  return outcome.token;
}

test('[CMD8] every event says who decided it, when and by which key', async () => {
  const { execute, readEvents } = setUp();
  await execute(create, { idempotencyKey: 'k1' });
  expect(await readEvents()).toMatchObject([
    {
      type: 'TaskCreated',
      data: { fields: { title: 'Plan', count: 0, seats: 0 } },
      metadata: { user: ada, at: '2026-01-01T00:00:00.000Z', idempotencyKey: 'k1', schemaVersion: 1 },
    },
  ]);
});

test('[TOK1] [TOK4] [TOK5] [TOK7] tokens decide between accepted, merged and conflict', async () => {
  const { execute, change } = setUp();
  const seen = tokenOf(await execute(create));
  expect(await change({ title: 'B' }, { token: seen }, { user: ben })).toMatchObject({ outcome: 'accepted' });
  expect(await change({ count: 1 }, { token: seen })).toMatchObject({
    outcome: 'merged',
    changed: ['count'],
    fields: { title: 'B', count: 1 },
  });
  const conflict = await change({ title: 'C' }, { token: seen });
  expect(conflict).toMatchObject({
    outcome: 'conflict',
    conflicts: [{ field: 'title', was: 'Plan', is: 'B', want: 'C', by: ben }],
  });
  expect(await change({ title: 'C' }, { token: tokenOf(conflict) })).toMatchObject({ outcome: 'accepted' });
});

test('[TOK12] a writer’s own change on its way is no conflict, somebody else’s is', async () => {
  const { execute, change } = setUp();
  const token = tokenOf(await execute(create));
  await change({ title: 'Mine' }, { token });
  expect(await change({ title: 'Mine 2' }, { token, seen: { title: 'Mine' } })).toMatchObject({
    outcome: 'accepted',
    changed: ['title'],
  });
  await change({ title: 'Theirs' }, {}, { user: ben });
  expect(await change({ title: 'Mine 3' }, { token, seen: { title: 'Mine 2' } })).toMatchObject({
    outcome: 'conflict',
    conflicts: [{ was: 'Mine 2', is: 'Theirs', want: 'Mine 3' }],
  });
});

test('[TOK5] a token older than the states kept in memory is judged all the same', async () => {
  const { execute, change } = setUp();
  const token = tokenOf(await execute(create));
  for (let count = 1; count <= 200; count++) await change({ count });
  expect(await change({ title: 'B' }, { token })).toMatchObject({ outcome: 'merged' });
  expect(await change({ count: -1 }, { token })).toMatchObject({
    conflicts: [{ was: 0, is: 200, want: -1 }],
  });
});

test('[TOK2] a token of another aggregate, of the future or of nothing is refused, and nothing is stored', async () => {
  const { execute, change, readEvents } = setUp();
  const other = toToken(toStreamName('task', 't2'), { revision: 0n, eventId: 'x' });
  await execute(create);
  const future = toToken(stream, { revision: 9n, eventId: 'x' });
  for (const token of [other, future, 'nonsense' as ConsistencyToken]) {
    expect(await change({ title: 'B' }, { token })).toMatchObject({
      outcome: 'rejected',
      code: 'malformed-token',
    });
  }
  expect(await readEvents()).toHaveLength(1);
});

test('[TOK9] a token of a history that is gone is a conflict without fields, with the newest token', async () => {
  const { execute, change } = setUp();
  const newest = tokenOf(await execute(create));
  const lost = toToken(stream, { revision: 0n, eventId: 'an event of the lost history' });
  const conflict = await change({ title: 'B' }, { token: lost });
  expect(conflict).toEqual({ outcome: 'conflict', conflicts: [], token: newest });
});

test('[TOK13] an exact token is stopped by anything newer', async () => {
  const { execute, change } = setUp();
  const token = tokenOf(await execute(create));
  expect(await change({ count: 1 }, { token }, { exact: true })).toMatchObject({ outcome: 'accepted' });
  expect(await change({ title: 'B' }, { token }, { exact: true })).toMatchObject({
    outcome: 'conflict',
    conflicts: [{ field: 'count', was: 0, is: 1 }],
  });
});

test('[CMD7] a repeat is answered alike and applied once, whatever happened since', async () => {
  const { execute, change, readEvents } = setUp();
  const token = tokenOf(await execute(create, { idempotencyKey: 'k0' }));
  const first = await change({ title: 'B' }, { token }, { idempotencyKey: 'k1' });
  await change({ title: 'C' }, {}, { user: ben });
  expect(await change({ title: 'B' }, { token }, { idempotencyKey: 'k1' })).toEqual(first);
  expect(await execute(create, { idempotencyKey: 'k0' })).toMatchObject({ outcome: 'accepted' });
  expect(await readEvents()).toHaveLength(3);
});

test('[CMD7] a repeat is answered alike by a server that was started anew', async () => {
  const store = createInMemoryEventStore();
  const first = await setUp(store).execute(create, { idempotencyKey: 'k1' });
  await setUp(store).change({ count: 1 });
  expect(await setUp(store).execute(create, { idempotencyKey: 'k1' })).toEqual(first);
});

test('[CMD7] repeats that race are applied once', async () => {
  const { execute, change, readEvents } = setUp();
  await execute(create);
  const outcomes = await Promise.all([1, 2, 3].map(() => change({ count: 1 }, {}, { idempotencyKey: 'k' })));
  expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
  expect(await readEvents()).toHaveLength(2);
});

test('[CMD7] the same key with another command is refused', async () => {
  const { execute, change } = setUp();
  await execute(create);
  await change({ count: 1 }, {}, { idempotencyKey: 'k' });
  expect(await change({ count: 2 }, {}, { idempotencyKey: 'k' })).toMatchObject({
    code: 'idempotency-key-reused',
  });
});

test('[CMD9] a dry run answers as the change would and appends nothing', async () => {
  const { execute, change, readEvents } = setUp();
  const token = tokenOf(await execute(create));
  expect(await change({ count: 5 }, { token }, { dryRun: true })).toEqual({
    outcome: 'accepted',
    changed: ['count'],
    fields: { title: 'Plan', count: 5, seats: 0 },
    token,
  });
  expect(await change({ title: '' }, {}, { dryRun: true })).toMatchObject({ code: 'invalid-fields' });
  expect(await readEvents()).toHaveLength(1);
});

test('[CMD10] what is refused leaves the stream as it was', async () => {
  const { execute, change, readEvents } = setUp();
  const token = tokenOf(await execute(create));
  await change({ title: 'B' });
  const before = await readEvents();
  expect(await change({ title: 'C' }, { token })).toMatchObject({ outcome: 'conflict' });
  expect(await change({ titel: 'C' })).toMatchObject({ code: 'invalid-fields' });
  expect(await change({ seats: 1001 })).toMatchObject({ code: 'invalid-fields' });
  expect(await execute(create)).toMatchObject({ code: 'already-exists' });
  expect(await change({}, {}, { aggregate: 'chore' })).toMatchObject({ code: 'unknown-aggregate' });
  expect(await change({}, {}, { id: '../t1' })).toMatchObject({ code: 'not-found' });
  expect(await readEvents()).toEqual(before);
});

test('[CMD5] a deleted aggregate takes no command, and a repeat of the deletion is answered alike', async () => {
  const { execute, change } = setUp();
  await execute(create);
  const first = await execute({ kind: 'delete' }, { idempotencyKey: 'k' });
  expect(first).toMatchObject({ outcome: 'accepted', changed: [] });
  expect(await change({ count: 1 })).toMatchObject({ code: 'deleted' });
  expect(await execute({ kind: 'delete' }, { idempotencyKey: 'k' })).toEqual(first);
});

/** A store in which somebody of another process is first, as often as told. */
function withRivals(store: EventStore, rivals: (() => Promise<unknown>)[]): EventStore {
  return {
    ...store,
    append: async (...append) => {
      const rival = rivals.shift();
      if (rival) await rival();
      return store.append(...append);
    },
  };
}

test('[CMD6] the invariant is judged on the state that is really appended to', async () => {
  const store = createInMemoryEventStore();
  const rival = setUp(store);
  await rival.execute(create);
  const { change } = setUp(withRivals(store, [() => rival.change({ seats: 600 })]));
  expect(await change({ count: 500 })).toMatchObject({ code: 'invalid-fields', errors: [{ path: 'seats' }] });
});

test('[CMD6] who is never first is refused as overloaded', async () => {
  const store = createInMemoryEventStore();
  const rival = setUp(store);
  await rival.execute(create);
  const rivals = Array.from({ length: 20 }, (_, index) => () => rival.change({ count: index + 1 }));
  const { change } = setUp(withRivals(store, rivals));
  expect(await change({ title: 'B' })).toMatchObject({ outcome: 'rejected', code: 'overloaded' });
});

test('[CMD6] 64 writers at once, each on the state it finds, are all applied', async () => {
  const { execute, change, readEvents } = setUp();
  await execute(create);
  const writers = Array.from({ length: 64 }, (_, index) => change({ count: index + 1 }));
  const outcomes = await Promise.all(writers);
  expect(outcomes.every(({ outcome }) => outcome === 'accepted')).toBe(true);
  expect(await readEvents()).toHaveLength(65);
});
