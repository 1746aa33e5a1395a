import { randomUUID } from 'node:crypto';
import { type Command, type CommandOutcome, defineAggregate, type User } from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createManualClock } from '../../../../client-sdk/src/testSupport/manualClock.ts';
import { until } from '../../../../test/support/until.ts';
import { createRecordingLogger } from '../../aggregates/testSupport/recordingLogger.ts';
import type { EventStore, StreamName } from '../../event-store/eventStore.ts';
import { EventStoreError } from '../../event-store/eventStoreError.ts';
import type { InMemoryFaults } from '../../event-store/inMemoryEventLog.ts';
import { createInMemoryEventStore } from '../../event-store/inMemoryEventStore.ts';
import { toStreamName } from '../../event-store/streamName.ts';
import type { CommandRequest } from '../commandRequest.ts';
import { createDeferredCommands, type DeferredCommandsOptions } from './deferredCommands.ts';
import { toDeferredStream } from './deferredEvents.ts';
import { createTestHandler } from '../testSupport/createTestHandler.ts';

const task = defineAggregate('task', {
  fields: { title: z.string().min(1), count: z.number() },
  initial: { count: 0 },
  events: (event) => ({ TaskCounted: event(z.number(), (_fields, count) => ({ count })) }),
  commands: (command) => ({
    add: command(z.number(), {
      decide: ({ count }, by) => ({ events: [{ type: 'TaskCounted', data: count + by }] }),
    }),
  }),
});

const ada: User = { id: 'ada', name: 'Ada' };
const ben: User = { id: 'ben', name: 'Ben' };

const create: Command = { kind: 'create', fields: { title: 'Plan' } };
const addOne: Command = { kind: 'invoke', name: 'add', input: 1 };

function toRequest(command: Command, request: Partial<CommandRequest> = {}): CommandRequest {
  return { aggregate: 'task', id: 't1', command, user: ada, ...request };
}

type Execute = (request: CommandRequest) => Promise<CommandOutcome>;

type SetUpOptions = Partial<DeferredCommandsOptions> & {
  /** Stands between the deferred commands and the command handler. */
  readonly around?: (request: CommandRequest, execute: Execute) => Promise<CommandOutcome>;
};

function setUp({
  store = createInMemoryEventStore(),
  around = (request, execute) => execute(request),
  ...options
}: SetUpOptions = {}) {
  const clock = createManualClock();
  const handler = createTestHandler([task], store);
  const { logger, logged } = createRecordingLogger();
  const deferred = createDeferredCommands({
    definitions: new Map([['task', task]]),
    store,
    commands: { execute: (request) => around(request, handler.execute) },
    clock,
    logger,
    createId: () => randomUUID(),
    ...options,
  });
  onTestFinished(() => deferred.close());

  const find = (request: string, user = ada, at = { aggregate: 'task', id: 't1' }) =>
    deferred.find({ ...at, request }, user);
  const accept = async (command: Command, request?: Partial<CommandRequest>) => {
    const accepted = await deferred.accept(toRequest(command, request));
    if (accepted.outcome !== 'pending') throw new Error(`not accepted: ${JSON.stringify(accepted)}`);
    return accepted.id;
  };
  /** Lets retries happen until it is settled. */
  const settled = (request: string, id = 't1') =>
    until(async () => (await find(request, ada, { aggregate: 'task', id }))?.outcome, {
      describe: 'the outcome',
    });
  return { store, clock, deferred, logged, accept, find, settled };
}

async function readEvents(store: EventStore, stream: StreamName) {
  const read = await store.readStream(stream);
  return read.outcome === 'read' ? read.events : [];
}

const readTask = (store: EventStore, id = 't1') => readEvents(store, toStreamName('task', id));

/** A store whose appends can be made to fail, by their stream, before or after they are stored. */
function createFailingStore() {
  const failing: {
    before?: ((stream: StreamName) => boolean) | undefined;
    after?: ((stream: StreamName) => boolean) | undefined;
  } = {};
  const faults: InMemoryFaults = {
    beforeAppend: (stream) => {
      if (failing.before?.(stream)) throw new Error('the disk is full');
    },
    afterAppend: (stream) => {
      if (failing.after?.(stream)) throw new Error('the line went dead');
    },
  };
  return { store: createInMemoryEventStore({ faults }), failing };
}

const isOfRequests = (stream: StreamName) => stream.startsWith('weft.requests-');
const isOfTasks = (stream: StreamName) => stream.startsWith('task-');

/** Holds every command back until it is let go. */
function createGate() {
  const begun: CommandRequest[] = [];
  const opened = Promise.withResolvers<undefined>();
  const around = async (request: CommandRequest, execute: Execute) => {
    begun.push(request);
    await opened.promise;
    return execute(request);
  };
  return { begun, around, open: () => opened.resolve(undefined) };
}

test('[ASY1] what was accepted is stored first, then carried out, and its id leads to the outcome', async () => {
  const gate = createGate();
  const { store, accept, find, settled } = setUp({ around: gate.around });
  const id = await accept(create, { exact: true, idempotencyKey: 'k1', handling: 'lenient' });
  expect(await readEvents(store, toDeferredStream(id))).toMatchObject([{ type: 'CommandAccepted' }]);
  expect(await readTask(store)).toEqual([]);
  const asked = { aggregate: 'task', id: 't1', kind: 'create', exact: true };
  expect(await find(id)).toEqual({ asked, outcome: undefined });
  await until(() => gate.begun.length === 1, { describe: 'the execution' });
  expect(gate.begun[0]).toEqual(
    toRequest(create, { exact: true, idempotencyKey: 'k1', handling: 'lenient' }),
  );
  gate.open();
  expect(await settled(id)).toMatchObject({ outcome: 'accepted', fields: { title: 'Plan', count: 0 } });
  expect(await find(id)).toMatchObject({ asked });
});

test('[ASY1] a refusal, a conflict and a deletion are outcomes like any other', async () => {
  const { store, accept, settled } = setUp();
  const first = await settled(await accept(create));
  const token = 'token' in first ? first.token : undefined;
  expect(await settled(await accept({ kind: 'change', patch: { title: 'A' } }))).toMatchObject({
    changed: ['title'],
  });
  expect(await settled(await accept({ kind: 'change', patch: { title: 'B' }, token }))).toMatchObject({
    outcome: 'conflict',
    conflicts: [{ field: 'title', was: 'Plan', is: 'A', want: 'B' }],
  });
  expect(await settled(await accept({ kind: 'change', patch: { title: '' } }))).toMatchObject({
    code: 'invalid-fields',
  });
  expect(await settled(await accept({ kind: 'delete' }))).toMatchObject({ outcome: 'accepted' });
  expect(await readTask(store)).toHaveLength(3);
});

test('[ASY1] of a settled command only the outcome is kept, and what an answer needs besides', async () => {
  const { store, accept, deferred } = setUp();
  const id = await accept({ kind: 'create', fields: { title: 'A secret' } }, { id: 't2' });
  await accept({ kind: 'create', fields: { title: '' } });
  await deferred.whenSettled(id);
  const events = await readEvents(store, toDeferredStream(id));
  expect(events).toMatchObject([{ type: 'CommandSettled', revision: 1n, metadata: { user: ada } }]);
  expect(JSON.stringify(events[0]?.data)).not.toContain('"request"');
});

test('[ASY1] an unknown type and an impossible id are refused at once, and nothing is stored', async () => {
  const { store, deferred } = setUp();
  expect(await deferred.accept(toRequest(create, { aggregate: 'nothing' }))).toMatchObject({
    code: 'unknown-aggregate',
  });
  expect(await deferred.accept(toRequest(create, { id: '../t1' }))).toMatchObject({ code: 'not-found' });
  expect(await store.readAll()).toEqual([]);
});

test('[ASY2] commands of one aggregate are carried out in order, and no more than the bound at once', async () => {
  const began: string[] = [];
  const underWay: string[] = [];
  let most = 0;
  const { accept, settled } = setUp({
    maxUnderWay: 3,
    around: async (request, execute) => {
      began.push(
        `${request.id} ${request.command.kind === 'invoke' ? String(request.command.input) : 'new'}`,
      );
      expect(underWay).not.toContain(request.id);
      underWay.push(request.id);
      most = Math.max(most, underWay.length);
      const outcome = await execute(request);
      underWay.splice(underWay.indexOf(request.id), 1);
      return outcome;
    },
  });
  const ids = ['t1', 't2', 't3', 't4', 't5'];
  const accepted: { id: string; request: string }[] = [];
  for (const id of ids) accepted.push({ id, request: await accept(create, { id }) });
  for (let input = 1; input <= 10; input++) {
    for (const id of ids) {
      accepted.push({ id, request: await accept({ kind: 'invoke', name: 'add', input }, { id }) });
    }
  }
  for (const { id, request } of accepted) await settled(request, id);
  for (const id of ids) {
    const expected = [`${id} new`, ...Array.from({ length: 10 }, (_, index) => `${id} ${index + 1}`)];
    expect(began.filter((line) => line.startsWith(`${id} `))).toEqual(expected);
  }
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(3);
});

test('[ASY2] what was accepted and not begun is carried out after the next start, in order, before anything new', async () => {
  const { store, failing } = createFailingStore();
  const first = setUp({ store });
  failing.before = isOfTasks;
  const ids = [await first.accept(create)];
  for (const input of [1, 2, 3]) ids.push(await first.accept({ kind: 'invoke', name: 'add', input }));
  await first.deferred.close();
  failing.before = undefined;
  expect(await readTask(store)).toEqual([]);

  const begun: unknown[] = [];
  const second = setUp({
    store,
    around: (request, execute) => {
      begun.push(request.command);
      return execute(request);
    },
  });
  const late: Command = { kind: 'invoke', name: 'add', input: 4 };
  ids.push(await second.accept(late));
  for (const id of ids) expect(await second.settled(id)).toMatchObject({ outcome: 'accepted' });
  const adding = [1, 2, 3, 4].map((input) => ({ kind: 'invoke', name: 'add', input }));
  expect(begun).toEqual([create, ...adding]);
  expect((await readTask(store)).map(({ data }) => data)).toMatchObject([{}, 1, 3, 6, 10]);
});

test('[ASY2] more than a page of commands is found at the start, the settled ones among them left alone', async () => {
  const { store, failing } = createFailingStore();
  const first = setUp({ store });
  const done = await first.accept(create);
  await first.settled(done);
  failing.before = isOfTasks;
  const ids: string[] = [];
  for (let count = 0; count < 250; count++) ids.push(await first.accept(addOne));
  await first.deferred.close();
  failing.before = undefined;
  const second = setUp({ store });
  await second.settled(ids.at(-1) ?? '');
  expect(await readTask(store)).toHaveLength(251);
});

test('[ASY2] what was applied and not settled by a crash is not applied again', async () => {
  const { store, failing } = createFailingStore();
  const first = setUp({ store });
  await first.settled(await first.accept(create));
  const unkeyed = await first.accept(addOne);
  await first.settled(unkeyed);
  // The settlements fail from here on, as if the process had ended before them.
  let accepted = 0;
  failing.before = (stream) => isOfRequests(stream) && ++accepted > 2;
  const ids = [await first.accept(addOne), await first.accept(addOne, { idempotencyKey: 'k1', id: 't1' })];
  await until(async () => (await readTask(store)).length === 3, { describe: 'the first application' });
  await first.deferred.close();
  failing.before = undefined;

  const second = setUp({ store });
  expect(await second.settled(ids[0] ?? '')).toMatchObject({ outcome: 'accepted', fields: { count: 2 } });
  expect(await second.settled(ids[1] ?? '')).toMatchObject({ outcome: 'accepted', fields: { count: 3 } });
  expect(await readTask(store)).toHaveLength(4);
});

test('[ASY2] while the store fails a command is tried again every second, applied once, and that is logged once', async () => {
  const { store, failing } = createFailingStore();
  const { accept, clock, settled, logged } = setUp({ store });
  await settled(await accept(create));
  failing.after = isOfTasks;
  const id = await accept(addOne);
  for (let failures = 0; failures < 3; failures++) {
    await until(() => clock.timers === 1, { describe: 'the wait for the next attempt' });
    clock.advance(1_000);
  }
  await until(() => clock.timers === 1, { describe: 'the wait for the next attempt' });
  failing.after = undefined;
  clock.advance(1_000);
  expect(await settled(id)).toMatchObject({ outcome: 'accepted', fields: { count: 1 } });
  expect(await readTask(store)).toHaveLength(2);
  expect(logged).toEqual([
    { level: 'error', message: 'a deferred command could not be settled' },
    { level: 'info', message: 'what had failed succeeded after all' },
  ]);
});

test('[ASY2] a settlement that fails is tried again, and the outcome is that of the first time', async () => {
  const { store, failing } = createFailingStore();
  let executions = 0;
  const { accept, clock, settled } = setUp({
    store,
    around: (request, execute) => {
      executions++;
      return execute(request);
    },
  });
  let appends = 0;
  failing.before = (stream) => isOfRequests(stream) && ++appends === 2;
  failing.after = (stream) => isOfRequests(stream) && appends === 3;
  const id = await accept(create);
  for (let failures = 0; failures < 2; failures++) {
    await until(() => clock.timers === 1, { describe: 'the wait for the next attempt' });
    clock.advance(1_000);
  }
  expect(await settled(id)).toMatchObject({ outcome: 'accepted' });
  expect(executions).toBe(1);
});

test('[ASY2] a settlement that was stored before a crash stands, and the command before it is let go', async () => {
  const { store, failing } = createFailingStore();
  const first = setUp({ store });
  let appends = 0;
  failing.after = (stream) => isOfRequests(stream) && ++appends === 2;
  const id = await first.accept(create);
  await until(async () => (await first.find(id))?.outcome, { describe: 'the settlement' });
  await first.deferred.close();
  expect(await readEvents(store, toDeferredStream(id))).toHaveLength(2);

  let executions = 0;
  const second = setUp({
    store,
    around: (request, execute) => {
      executions++;
      return execute(request);
    },
  });
  await second.settled(await second.accept(addOne));
  expect(executions).toBe(1);
  expect(await readEvents(store, toDeferredStream(id))).toMatchObject([{ type: 'CommandSettled' }]);
});

test('[ASY2] a command that is refused for too many other writers is tried again', async () => {
  let refusals = 2;
  const { accept, clock, settled } = setUp({
    around: (request, execute) =>
      refusals-- > 0
        ? Promise.resolve({ outcome: 'rejected', code: 'overloaded', detail: 'try again' })
        : execute(request),
  });
  const id = await accept(create);
  for (let refused = 0; refused < 2; refused++) {
    await until(() => clock.timers === 1, { describe: 'the wait for the next attempt' });
    clock.advance(1_000);
  }
  expect(await settled(id)).toMatchObject({ outcome: 'accepted' });
});

test('[ASY2] a command whose decision breaks is settled as such, and those behind it are carried out', async () => {
  const { accept, settled, logged } = setUp({
    around: (request, execute) => {
      if (request.command.kind === 'change') throw new TypeError('a mistake');
      return execute(request);
    },
  });
  const ids = [
    await accept(create),
    await accept({ kind: 'change', patch: { title: 'B' } }),
    await accept(addOne),
  ];
  expect(await settled(ids[2] ?? '')).toMatchObject({ outcome: 'accepted', fields: { count: 1 } });
  expect(await settled(ids[1] ?? '')).toMatchObject({ outcome: 'rejected', code: 'internal' });
  expect(logged).toEqual([{ level: 'error', message: 'a deferred command failed' }]);
});

test('[ASY2] a store that cannot be read at the start is read when it can be', async () => {
  const { store: inner, failing } = createFailingStore();
  const first = setUp({ store: inner });
  failing.before = isOfTasks;
  const id = await first.accept(create);
  await first.deferred.close();
  failing.before = undefined;
  let failures = 2;
  const store: EventStore = {
    ...inner,
    readAll: (options) =>
      failures-- > 0
        ? Promise.reject(new EventStoreError('unavailable', 'the store is away'))
        : inner.readAll(options),
  };
  const second = setUp({ store });
  for (let failure = 0; failure < 2; failure++) {
    await until(() => second.clock.timers === 1, { describe: 'the wait for the next attempt' });
    second.clock.advance(1_000);
  }
  expect(await second.settled(id)).toMatchObject({ outcome: 'accepted' });
});

test('[ASY2] where earlier commands are damaged nothing is accepted behind them', async () => {
  const inner = createInMemoryEventStore();
  const { deferred, logged } = setUp({
    store: {
      ...inner,
      readAll: () => Promise.reject(new EventStoreError('corrupt', 'event 0 is damaged')),
    },
  });
  await until(() => logged.length === 1, { describe: 'the report' });
  expect(await deferred.accept(toRequest(create))).toMatchObject({ outcome: 'rejected', code: 'internal' });
  expect(await inner.readAll()).toEqual([]);
});

test('[ASY3] a repeat under the same key is given the same id, pending or settled, and is carried out once', async () => {
  const gate = createGate();
  const { store, accept, settled } = setUp({ around: gate.around });
  const keyed = { idempotencyKey: 'k1' };
  const [first, second] = await Promise.all([accept(create, keyed), accept(create, keyed)]);
  expect(second).toBe(first);
  expect(await accept(create, keyed)).toBe(first);
  gate.open();
  const outcome = await settled(first);
  expect(await accept(create, keyed)).toBe(first);
  expect(await settled(first)).toEqual(outcome);
  expect(gate.begun).toHaveLength(1);
  expect(await readTask(store)).toHaveLength(1);
});

test('[ASY3] a repeat after a restart is given the same id', async () => {
  const store = createInMemoryEventStore();
  const first = setUp({ store });
  const id = await first.accept(create, { idempotencyKey: 'k1' });
  await first.settled(id);
  await first.deferred.close();
  expect(await setUp({ store }).accept(create, { idempotencyKey: 'k1' })).toBe(id);
});

test('[ASY3] another command under the same key is refused, before and after the first is settled', async () => {
  const gate = createGate();
  const { deferred, accept, settled } = setUp({ around: gate.around });
  const id = await accept(create, { idempotencyKey: 'k1' });
  const other = toRequest(addOne, { idempotencyKey: 'k1' });
  expect(await deferred.accept(other)).toMatchObject({ code: 'idempotency-key-reused' });
  gate.open();
  await settled(id);
  expect(await deferred.accept(other)).toMatchObject({ code: 'idempotency-key-reused' });
});

test('[ASY3] the same key of another person or on another aggregate is another request', async () => {
  const { accept } = setUp();
  const keyed = { idempotencyKey: 'k1' };
  const ids = [
    await accept(create, keyed),
    await accept(create, { ...keyed, user: ben }),
    await accept(create, { ...keyed, id: 't2' }),
    await accept(create),
    await accept(create),
  ];
  expect(new Set(ids).size).toBe(5);
});

test('[ASY2] what was stored though the store failed is carried out without another word', async () => {
  const { store, failing } = createFailingStore();
  const { deferred } = setUp({ store });
  failing.after = isOfRequests;
  await expect(deferred.accept(toRequest(create))).rejects.toThrow('the line');
  failing.after = undefined;
  await until(async () => (await readTask(store)).length === 1, { describe: 'the task' });
});

test('[ASY3] a repeat where the store failed is given the id of what was stored', async () => {
  const { store, failing } = createFailingStore();
  const { deferred, accept, settled } = setUp({ store });
  failing.after = isOfRequests;
  const repeated = toRequest(create, { idempotencyKey: 'k1' });
  await expect(deferred.accept(repeated)).rejects.toThrow('the line');
  failing.after = undefined;
  const id = await accept(create, { idempotencyKey: 'k1' });
  expect(await settled(id)).toMatchObject({ outcome: 'accepted' });
  expect(await readTask(store)).toHaveLength(1);
});

test('[ASY3] a repeat to another process of what a stopped one left is carried out there', async () => {
  const { store, failing } = createFailingStore();
  const other = setUp({ store });
  const stopped = setUp({ store });
  failing.before = isOfTasks;
  const id = await stopped.accept(create, { idempotencyKey: 'k1' });
  await stopped.deferred.close();
  failing.before = undefined;
  expect(await other.accept(create, { idempotencyKey: 'k1' })).toBe(id);
  expect(await other.settled(id)).toMatchObject({ outcome: 'accepted' });
});

test('[ASY4] beyond the bound nothing is accepted and nothing stored, until there is room again', async () => {
  const gate = createGate();
  const { store, deferred, accept, settled } = setUp({ around: gate.around, maxUnsettled: 5 });
  const first = await accept(create, { idempotencyKey: 'k1' });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => deferred.accept(toRequest(create, { id: `t${index + 2}` }))),
  );
  expect(answers.filter(({ outcome }) => outcome === 'pending')).toHaveLength(4);
  const refused = answers.filter((answer) => answer.outcome === 'rejected');
  expect(refused).toHaveLength(16);
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['overloaded']));
  expect(await store.readAll()).toHaveLength(5);
  // A repeat stores nothing, so there is always room for it.
  expect(await accept(create, { idempotencyKey: 'k1' })).toBe(first);
  gate.open();
  await settled(first);
  const again = await until(
    async () => {
      const accepted = await deferred.accept(toRequest(addOne));
      return accepted.outcome === 'pending' ? accepted.id : undefined;
    },
    { describe: 'room' },
  );
  expect(await settled(again)).toMatchObject({ fields: { count: 1 } });
});

test('[ASY4] what a failing store did not take leaves its room again', async () => {
  const { store, failing } = createFailingStore();
  const { deferred, settled } = setUp({ store, maxUnsettled: 1 });
  failing.before = isOfRequests;
  for (let attempt = 0; attempt < 3; attempt++) {
    await until(
      () =>
        deferred.accept(toRequest(create)).then(
          () => false,
          () => true,
        ),
      { describe: 'the failure' },
    );
  }
  failing.before = undefined;
  const id = await until(
    async () => {
      const accepted = await deferred.accept(toRequest(create));
      return accepted.outcome === 'pending' ? accepted.id : undefined;
    },
    { describe: 'room' },
  );
  expect(await settled(id)).toMatchObject({ outcome: 'accepted' });
});

test('[ASY5] only who asked finds it, on the aggregate that was asked of', async () => {
  const { accept, find, settled } = setUp();
  const id = await accept(create);
  await settled(id);
  expect(await find(id)).toBeDefined();
  expect(await find(id, { id: 'ada', name: 'Ada Lovelace' })).toBeDefined();
  expect(await find(id, ben)).toBeUndefined();
  expect(await find(id, ada, { aggregate: 'task', id: 't2' })).toBeUndefined();
  expect(await find(id, ada, { aggregate: 'note', id: 't1' })).toBeUndefined();
  expect(await find(randomUUID())).toBeUndefined();
});

test('[ASY5] an id that no request can have is not looked for', async () => {
  const inner = createInMemoryEventStore();
  const { find, deferred } = setUp({
    store: { ...inner, readStream: () => Promise.reject(new Error('the store was asked')) },
  });
  const real = randomUUID();
  for (const id of ['', 'x', '../t1', `${real}x`, real.toUpperCase(), `${real}\n`, 'a'.repeat(10_000)]) {
    expect(await find(id)).toBeUndefined();
    await deferred.whenSettled(id);
  }
});

test('[ASY2] closing waits for what is under way, begins nothing more and leaves no timer', async () => {
  const gate = createGate();
  const { store, deferred, accept, clock } = setUp({ around: gate.around });
  const first = await accept(create);
  const second = await accept(addOne);
  const third = await accept(create, { id: 't2' });
  await until(() => gate.begun.length === 2, { describe: 'what can begin' });
  let isClosed = false;
  const closed = deferred.close().then(() => (isClosed = true));
  await deferred.whenSettled(second);
  expect(isClosed).toBe(false);
  expect(await deferred.accept(toRequest(addOne))).toMatchObject({ code: 'overloaded' });
  gate.open();
  await closed;
  expect(gate.begun).toHaveLength(2);
  expect(clock.timers).toBe(0);
  const applied = await Promise.all(
    ['t1', 't2'].map(async (id) => (await readTask(store, id)).map(({ type }) => type)),
  );
  expect(applied).toEqual([['TaskCreated'], ['TaskCreated']]);

  const next = setUp({ store });
  for (const id of [first, second]) expect(await next.settled(id)).toMatchObject({ outcome: 'accepted' });
  expect(await next.settled(third, 't2')).toMatchObject({ outcome: 'accepted' });
});

test('[ASY2] closing ends the wait for the next attempt', async () => {
  const { store, failing } = createFailingStore();
  const { deferred, accept, clock } = setUp({ store });
  failing.before = isOfTasks;
  await accept(create);
  await until(() => clock.timers === 1, { describe: 'the wait for the next attempt' });
  await deferred.close();
  expect(clock.timers).toBe(0);
});

test('[ASY2] what is carried out as the server stops is settled, and not decided anew after the next start', async () => {
  const store = createInMemoryEventStore();
  const gate = Promise.withResolvers<undefined>();
  let isUnderWay = false;
  const first = setUp({
    store,
    around: async (request, execute) => {
      const outcome = await execute(request);
      if (request.command.kind !== 'create') {
        isUnderWay = true;
        await gate.promise;
      }
      return outcome;
    },
  });
  await first.settled(await first.accept(create));
  const id = await first.accept(addOne);
  await until(() => isUnderWay, { describe: 'the command under way' });
  const closed = first.deferred.close();
  gate.resolve(undefined);
  await closed;
  expect((await first.find(id))?.outcome).toMatchObject({ outcome: 'accepted', fields: { count: 1 } });
});
