import { createClient, toFieldsMatch } from '@weft/client';
import { defineAggregate } from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { call } from '../support/httpClient.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

const task = defineTask({ startsClear: false });

/** Of a server that was deployed after its clients: to start a task clears its assignment, of which they do not know. */
const newerTask = defineTask({ startsClear: true });

function defineTask({ startsClear }: { readonly startsClear: boolean }) {
  return defineAggregate('task', {
    fields: {
      title: z.string().trim().min(1),
      status: z.enum(['open', 'done']),
      assignee: z.string().nullable(),
      assignedAt: z.string().nullable(),
      effort: z.int().max(10),
    },
    initial: { status: 'open', assignee: null, assignedAt: null, effort: 0 },
    groups: { assignment: ['assignee', 'assignedAt'] },
    onConflict: { effort: (was, is, want) => is + want - was },
    events: (event) => ({
      TaskAssigned: event(z.object({ to: z.string(), at: z.string() }), (_task, { to, at }) => ({
        assignee: to,
        assignedAt: at,
      })),
      TaskStarted: event(z.object({}), () => ({
        status: 'open',
        ...(startsClear && { assignee: 'nobody' }),
      })),
      TaskEstimated: event(z.object({ by: z.int() }), ({ effort }, { by }) => ({ effort: effort + by })),
    }),
    commands: (command) => ({
      assign: command(z.object({ to: z.string().min(1) }), {
        reads: ['status'],
        output: z.object({ before: z.string().nullable() }),
        decide: ({ status, assignee }, { to }, { user, at }) =>
          status === 'done'
            ? { refused: `${user.name} is too late` }
            : { events: [{ type: 'TaskAssigned', data: { to, at } }], output: { before: assignee } },
      }),
      estimate: command(z.object({ by: z.int() }), {
        decide: (_task, { by }) => ({ events: [{ type: 'TaskEstimated', data: { by } }] }),
      }),
      start: command(z.object({}), { decide: () => ({ events: [{ type: 'TaskStarted', data: {} }] }) }),
      passOn: command(z.object({ over: z.string(), to: z.string() }), {
        decide: (_task, { over, to }, { at }) => ({
          events: [over, to].map((name) => ({ type: 'TaskAssigned', data: { to: name, at } })),
        }),
      }),
      take: command(z.object({}), {
        decide: (_task, _input, { user, at }) => ({
          events: [
            { type: 'TaskStarted', data: {} },
            { type: 'TaskAssigned', data: { to: user.name, at } },
          ],
        }),
      }),
    }),
  });
}

/** A server with the task t1, and two people who have it open. */
async function setUp(served = task) {
  const server = await startTestServer({ aggregates: [served] });
  const join = (token: string) => {
    const weft = createClient({ url: server.url, aggregates: [task], token });
    onTestFinished(() => weft.close());
    return { weft, task: weft.task('t1') };
  };
  const ada = join('Ada');
  const ben = join('Ben');
  await ada.task.create({ title: 'Plan' });
  await until(() => ben.task.status === 'existing', { describe: 'the task' });
  return { server, ada, ben };
}

test('[HAN12] a command shows at once, is decided by the server, and everybody sees what it did', async () => {
  const { ada, ben } = await setUp();
  const result = ada.task.run('assign', { to: 'Cleo' });
  expect(ada.task.fields.assignee).toBe('Cleo');
  const answer = await result;
  expect(answer).toMatchObject({
    outcome: 'accepted',
    changed: ['assignee', 'assignedAt'],
    output: { before: null },
  });
  await until(() => ben.task.fields.assignee === 'Cleo', { describe: 'the assignment' });
  const { fields } = ben.task;
  expect(ada.task.fields).toEqual(fields);
  expect(answer).toMatchObject({ fields });
  await until(() => ada.task.peek().status === 'existing' && ada.task.token === ben.task.token, {
    describe: 'the same state',
  });
  expect(ada.task.peek()).toMatchObject({ confirmed: fields, pending: [], saveState: { status: 'saved' } });
});

test('[HAN12] [TOK12] commands on top of each other are no conflict, though the server’s time is another', async () => {
  const { ada, ben } = await setUp();
  const outcomes = await Promise.all([
    ada.task.run('assign', { to: 'Cleo' }),
    ada.task.run('take', {}),
    ada.task.change({ assignee: 'Dora' }),
    ada.task.run('assign', { to: 'Emil' }),
  ]);
  expect(outcomes).toMatchObject(outcomes.map(() => ({ outcome: 'accepted' })));
  expect(outcomes[3]).toMatchObject({ output: { before: 'Dora' } });
  await until(() => ben.task.fields.assignee === 'Emil', { describe: 'the last assignment' });
});

test('[HAN6] [TOK12] a change behind a command is judged by what its author saw, whatever the command touched', async () => {
  const { ada, ben } = await setUp(newerTask);
  const seen = ada.task.peek();
  await ben.task.change({ assignee: 'Ben' });
  await until(() => ada.task.fields.assignee === 'Ben', { describe: 'what Ben did' });
  const [started, changed] = await Promise.all([
    ada.task.run('start', {}),
    ada.task.change({ assignee: 'Ada' }, { seen }),
  ]);
  expect(started).toMatchObject({ fields: { assignee: 'nobody' } });
  expect(changed).toMatchObject({
    outcome: 'conflict',
    conflict: { fields: [{ field: 'assignee', was: null, is: 'nobody', want: 'Ada' }] },
  });
});

test('[HAN2] [HAN12] [TOK12] nothing is shown between two events of one command, so that nobody decides on it', async () => {
  const { ada, ben } = await setUp();
  const shown = new Set<unknown>();
  const bens = new Set<unknown>();
  ada.task.subscribe(() => shown.add(ada.task.fields.assignee));
  ben.task.subscribe(() => bens.add(ben.task.fields.assignee));
  const results = await Promise.all([
    ada.task.run('passOn', { over: 'Ben', to: 'Cleo' }),
    ada.task.change({ assignee: 'Dora' }),
    ada.task.run('passOn', { over: 'Emil', to: 'Fay' }),
  ]);
  for (const { outcome } of results) expect(outcome).toBe('accepted');
  await until(() => ben.task.fields.assignee === 'Fay', { describe: 'the last assignment' });
  await until(() => ada.task.token === ben.task.token, { describe: 'the same state' });
  expect([...shown]).toEqual(['Cleo', 'Dora', 'Fay']);
  expect([...bens]).toEqual(['Ben', 'Cleo', 'Dora', 'Emil', 'Fay']);
});

test('[HAN6] [TOK12] a value that its schema makes another of is in nobody’s own way', async () => {
  const { ada } = await setUp();
  const results = [ada.task.change({ title: ' A ' }), ada.task.change({ title: 'B' })];
  await expect(Promise.all(results)).resolves.toMatchObject([
    { outcome: 'accepted', fields: { title: 'A' } },
    { outcome: 'accepted', fields: { title: 'B' } },
  ]);
});

test('[HAN5] mine asks for all that a change asked, and overwrites nothing that came meanwhile', async () => {
  const { ada, ben } = await setUp();
  const seen = ada.task.peek();
  await ben.task.change({ title: 'Bens' });
  const asked = { title: 'Adas', status: 'done', assignee: 'Ada' } as const;
  await ada.task.change(asked, { seen });
  await ben.task.change({ assignee: 'Ben' });
  await until(() => ada.task.fields.assignee === 'Ben', { describe: 'what Ben did' });
  expect(ada.task.conflicts).toMatchObject([{ fields: [{ field: 'title', was: 'Plan', is: 'Bens' }] }]);
  await expect(ada.task.conflicts[0]?.resolve('mine')).resolves.toMatchObject({
    conflict: { fields: [{ field: 'assignee', was: null, is: 'Ben', want: 'Ada' }] },
  });
  await expect(ada.task.conflicts[0]?.resolve('mine')).resolves.toMatchObject({
    outcome: 'accepted',
    fields: asked,
  });
  expect(ada.task.conflicts).toEqual([]);
});

test('[HAN5] [HAN12] a command that reads what changed meanwhile is a conflict, which mine carries out', async () => {
  const { ada, ben } = await setUp();
  const seen = ben.task.peek();
  await ada.task.change({ status: 'done' });
  await ada.task.change({ status: 'open', assignee: 'Ada' });
  await until(() => ben.task.fields.assignee === 'Ada', { describe: 'what Ada did' });
  await expect(ben.task.run('assign', { to: 'Ben' }, { seen })).resolves.toMatchObject({
    outcome: 'conflict',
    conflict: {
      command: 'assign',
      fields: [
        { field: 'assignee', was: null, is: 'Ada', want: 'Ben', by: { name: 'Ada' } },
        { field: 'assignedAt', was: null, is: null },
      ],
    },
  });
  await expect(ben.task.conflicts[0]?.resolve('mine')).resolves.toMatchObject({
    outcome: 'accepted',
    fields: { assignee: 'Ben' },
    output: { before: 'Ada' },
  });
  expect(ben.task.conflicts).toEqual([]);
});

test('[HAN5] [HAN12] a field that a command only reads is in its conflict without a wish', async () => {
  const { ada, ben } = await setUp();
  const seen = ben.task.peek();
  await ada.task.change({ status: 'done' });
  await until(() => ben.task.fields.status === 'done', { describe: 'what Ada did' });
  await expect(ben.task.run('assign', { to: 'Ben' }, { seen })).resolves.toMatchObject({
    outcome: 'rejected',
    code: 'refused',
    detail: 'Ben is too late',
  });
  const early = ben.task.peek();
  await ada.task.change({ status: 'open' });
  await ada.task.change({ title: 'B' });
  await until(() => ben.task.fields.title === 'B', { describe: 'what Ada did' });
  // The title is not read: that it changed is nothing to the command.
  await expect(ben.task.run('assign', { to: 'Ben' }, { seen: early })).resolves.toMatchObject({
    conflict: { fields: [{ field: 'status', was: 'done', is: 'open', want: undefined }] },
  });
});

test('[HAN12] a field with a merge policy takes what both commands do', async () => {
  const { ada, ben } = await setUp();
  const results = await Promise.all([
    ada.task.run('estimate', { by: 2 }),
    ben.task.run('estimate', { by: 3 }),
    ada.task.run('estimate', { by: 4 }),
  ]);
  for (const { outcome } of results) expect(['accepted', 'merged']).toContain(outcome);
  await until(() => ada.task.fields.effort === 9 && ben.task.fields.effort === 9, { describe: 'both' });
  await expect(ada.task.run('estimate', { by: 2 })).resolves.toMatchObject({
    outcome: 'rejected',
    code: 'invalid-fields',
    errors: [{ path: 'effort' }],
  });
  expect(ada.task.fields.effort).toBe(9);
});

test('[TOK16] Fields-Match guards a write by the values that its writer saw', async () => {
  const { server, ada } = await setUp();
  const { title, status } = ada.task.fields;
  const headers = { 'Fields-Match': await toFieldsMatch({ title, status }) };
  const patch = (body: object) => call(`${server.url}/api/task/t1`, 'PATCH', { body, headers });
  expect(await patch({ status: 'done' })).toMatchObject({ status: 200, json: { outcome: 'accepted' } });
  const late = await patch({ status: 'open' });
  expect(late).toMatchObject({
    status: 409,
    json: {
      conflicts: [
        { field: 'title', is: 'Plan' },
        { field: 'status', is: 'done', want: 'open' },
      ],
    },
  });
  expect(JSON.stringify(late.json)).not.toContain('"was"');
});
