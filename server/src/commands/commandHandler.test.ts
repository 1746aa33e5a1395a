import {
  type Command,
  type CommandOutcome,
  type ConsistencyToken,
  defineAggregate,
  type User,
} from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { toToken } from '../aggregates/aggregateToken.ts';
import type { EventStore } from '../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import { toStreamName } from '../event-store/streamName.ts';
import type { CommandRequest } from './commandRequest.ts';
import { createTestHandler } from './testSupport/createTestHandler.ts';

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
  const handler = createTestHandler([task], store);
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
  return { ...handler, store, execute, change, readEvents };
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

test('[CMD9] a rehearsal answers as the command would, with the events it would append, and appends nothing', async () => {
  const { execute, rehearse, readEvents } = setUp();
  const at = { aggregate: 'task', id: 't1', user: ada };
  expect(await rehearse({ ...at, command: create })).toEqual({
    outcome: 'accepted',
    changed: ['count', 'seats', 'title'],
    fields: { title: 'Plan', count: 0, seats: 0 },
    events: [{ type: 'TaskCreated', data: { fields: { title: 'Plan', count: 0, seats: 0 } } }],
  });
  const token = tokenOf(await execute(create));
  expect(await rehearse({ ...at, command: { kind: 'change', patch: { count: 5 }, token } })).toEqual({
    outcome: 'accepted',
    changed: ['count'],
    fields: { title: 'Plan', count: 5, seats: 0 },
    events: [{ type: 'TaskChanged', data: { changes: { count: 5 } } }],
    token,
  });
  expect(await rehearse({ ...at, command: { kind: 'delete', token } })).toMatchObject({
    fields: {},
    events: [{ type: 'TaskDeleted', data: {} }],
  });
  expect(await rehearse({ ...at, command: { kind: 'change', patch: { title: '' } } })).toMatchObject({
    code: 'invalid-fields',
  });
  expect(await readEvents()).toHaveLength(1);
});

test('[CMD9] [LOS4] a rehearsed conflict loses nothing', async () => {
  const { execute, change, rehearse, losingValues } = setUp();
  const token = tokenOf(await execute(create));
  await change({ title: 'B' });
  const command: Command = { kind: 'change', patch: { title: 'C' }, token };
  expect(await rehearse({ aggregate: 'task', id: 't1', user: ada, command })).toMatchObject({
    outcome: 'conflict',
  });
  expect((await losingValues.list({ definition: task, id: 't1' }, { limit: 10 })).values).toEqual([]);
});

test('[CMD7] [CMD9] a rehearsal of a command that was applied answers as then', async () => {
  const { execute, rehearse } = setUp();
  const first = await execute(create, { idempotencyKey: 'k' });
  const request = { aggregate: 'task', id: 't1', user: ada, command: create, idempotencyKey: 'k' };
  expect(await rehearse(request)).toEqual(first);
});

test('[CMD7] a repeat whose first answer was lost after the commit is answered as if it had come', async () => {
  let isLosing = false;
  const afterAppend = () => {
    if (isLosing) throw new Error('the answer is lost');
  };
  const store = createInMemoryEventStore({ faults: { afterAppend } });
  const { execute, change, readEvents } = setUp(store);
  const token = tokenOf(await execute(create));
  isLosing = true;
  const apply = () => change({ count: 1 }, { token }, { idempotencyKey: 'k' });
  await expect(apply()).rejects.toThrow('the answer is lost');
  isLosing = false;
  expect(await apply()).toMatchObject({ outcome: 'accepted', changed: ['count'], fields: { count: 1 } });
  expect(await apply()).toMatchObject({ outcome: 'accepted', changed: ['count'], fields: { count: 1 } });
  expect(await readEvents()).toHaveLength(2);
});

test('[CMD7] a repeat that would be refused by now is answered as the first one was', async () => {
  const { execute, change } = setUp();
  const token = tokenOf(await execute(create));
  const first = await change({ count: 1 }, { token }, { idempotencyKey: 'k' });
  await change({ count: 2 }, {}, { user: ben });
  expect(await change({ count: 1 }, { token }, { idempotencyKey: 'k' })).toEqual(first);
  await execute({ kind: 'delete' });
  expect(await change({ count: 1 }, { token }, { idempotencyKey: 'k' })).toEqual(first);
});

test('[CMD7] repeats that race in two processes are applied once', async () => {
  const store = createInMemoryEventStore();
  const [one, two] = [setUp(store), setUp(store)];
  await one.execute(create);
  const outcomes = await Promise.all(
    [one, two, one, two].map(({ change }) => change({ count: 1 }, {}, { idempotencyKey: 'k' })),
  );
  expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
  expect(await one.readEvents()).toHaveLength(2);
});

test('[CMD2] of creations that race in two processes one is first', async () => {
  const store = createInMemoryEventStore();
  const outcomes = await Promise.all([setUp(store), setUp(store)].map(({ execute }) => execute(create)));
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'rejected']);
});

test('[CMD6] [TOK7] what another process stored meanwhile is in the conflict, and no conflict that is none any more is told', async () => {
  const store = createInMemoryEventStore();
  const [one, two] = [setUp(store), setUp(store)];
  const token = tokenOf(await one.execute(create));
  await two.change({ title: 'B' });
  expect(await one.change({ title: 'C' }, { token })).toMatchObject({ conflicts: [{ is: 'B' }] });
  await two.change({ title: 'Plan' });
  expect(await one.change({ title: 'C' }, { token })).toMatchObject({ outcome: 'accepted' });
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

test('[CMD7] a repeat of what changed nothing is answered as then, and changes nothing later', async () => {
  const { execute, change, readEvents } = setUp();
  await execute(create);
  const first = await change({ title: 'Plan' }, {}, { idempotencyKey: 'k' });
  expect(first).toMatchObject({ outcome: 'accepted', changed: [] });
  await change({ title: 'Theirs' }, {}, { user: ben });
  expect(await change({ title: 'Plan' }, {}, { idempotencyKey: 'k' })).toEqual(first);
  expect(await change({ title: 'Other' }, {}, { idempotencyKey: 'k' })).toMatchObject({
    code: 'idempotency-key-reused',
  });
  expect(await readEvents()).toHaveLength(2);
});

test('[CMD7] a repeat is answered also where its definition would throw by now', async () => {
  let isBroken = false;
  const fragile = defineAggregate('fragile', {
    fields: { done: z.boolean() },
    initial: { done: false },
    events: (event) => ({ FragileDone: event(z.object({}), () => ({ done: true })) }),
    commands: (command) => ({
      finish: command(z.object({}), {
        decide: () => {
          if (isBroken) throw new Error('the definition throws');
          return { events: [{ type: 'FragileDone', data: {} }] };
        },
      }),
    }),
  });
  const { execute } = createTestHandler([fragile], createInMemoryEventStore());
  const at = { aggregate: 'fragile', id: 'f1', user: ada };
  await execute({ ...at, command: { kind: 'create', fields: {} } });
  const finish = { ...at, command: { kind: 'invoke' as const, name: 'finish', input: {} } };
  const first = await execute({ ...finish, idempotencyKey: 'k' });
  isBroken = true;
  expect(await execute({ ...finish, idempotencyKey: 'k' })).toEqual(first);
  await expect(execute({ ...finish, idempotencyKey: 'other' })).rejects.toThrow('the definition throws');
});

test('[LOS4] what is refused loses nothing', async () => {
  const { execute, change, losingValues } = setUp();
  await execute(create);
  expect(await change({ title: '' })).toMatchObject({ code: 'invalid-fields' });
  expect(await change({ seats: 1001 })).toMatchObject({ code: 'invalid-fields' });
  expect(await execute(create)).toMatchObject({ code: 'already-exists' });
  expect((await losingValues.list({ definition: task, id: 't1' }, { limit: 10 })).values).toEqual([]);
});
