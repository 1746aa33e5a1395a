import { createHash } from 'node:crypto';
import { type ConsistencyToken, defineAggregate, type FieldValues, type User } from '@weft/client/protocol';
import canonicalize from 'canonicalize';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { toToken } from '../../aggregates/aggregateToken.ts';
import { createInMemoryEventStore } from '../../event-store/inMemoryEventStore.ts';
import { toStreamName } from '../../event-store/streamName.ts';
import type { CommandRequest } from '../commandRequest.ts';
import { createTestHandler } from '../testSupport/createTestHandler.ts';

const task = defineAggregate('task', {
  fields: { title: z.string(), status: z.string(), place: z.object({ a: z.number(), b: z.number() }) },
  initial: { status: 'open', place: { a: 1, b: 2 } },
});
const team = defineAggregate('team', {
  fields: { name: z.string(), size: z.number() },
  initial: { size: 1 },
});

const ada: User = { id: 'ada', name: 'Ada' };

async function setUp() {
  const store = createInMemoryEventStore();
  const { execute } = createTestHandler([task, team], store);
  const run = async (request: Omit<CommandRequest, 'user'>) => execute({ ...request, user: ada });
  const tokenOf = async (request: Omit<CommandRequest, 'user'>): Promise<ConsistencyToken> => {
    const outcome = await run(request);
    if (!('token' in outcome)) throw new Error(`no token in ${JSON.stringify(outcome)}`);
    return outcome.token;
  };
  const changeTask = (
    patch: FieldValues,
    request: Partial<CommandRequest> & { token?: ConsistencyToken } = {},
  ) => {
    const { token, ...rest } = request;
    return run({ aggregate: 'task', id: 't1', command: { kind: 'change', patch, token }, ...rest });
  };
  const changeTeam = (patch: FieldValues) =>
    run({ aggregate: 'team', id: 'm1', command: { kind: 'change', patch } });
  const taskToken = await tokenOf({
    aggregate: 'task',
    id: 't1',
    command: { kind: 'create', fields: { title: 'Plan' } },
  });
  const teamToken = await tokenOf({
    aggregate: 'team',
    id: 'm1',
    command: { kind: 'create', fields: { name: 'Blue' } },
  });
  return { store, run, changeTask, changeTeam, taskToken, teamToken };
}

function hashOf(fields: FieldValues): string {
  return createHash('sha256')
    .update(canonicalize(fields) ?? '')
    .digest('base64');
}

test('[TOK16] the hash of the values that the writer saw guards a write as a token does', async () => {
  const { changeTask } = await setUp();
  const seen = { title: 'Plan', place: { b: 2, a: 1 } };
  const fieldsMatch = { fields: ['title', 'place'], sha256: hashOf(seen) };
  expect(await changeTask({ status: 'done' }, { fieldsMatch })).toMatchObject({ outcome: 'accepted' });
  expect(await changeTask({ title: 'Mine' }, { fieldsMatch })).toMatchObject({ outcome: 'accepted' });
});

test('[TOK16] values other than those of the hash are a conflict that cannot say what was seen', async () => {
  const { changeTask } = await setUp();
  const fieldsMatch = { fields: ['title', 'status'], sha256: hashOf({ title: 'Plan', status: 'open' }) };
  await changeTask({ status: 'done' });
  const conflict = await changeTask({ title: 'Mine' }, { fieldsMatch });
  expect(conflict).toMatchObject({
    outcome: 'conflict',
    conflicts: [
      { field: 'title', is: 'Plan', want: 'Mine' },
      { field: 'status', is: 'done' },
    ],
  });
  expect('conflicts' in conflict && conflict.conflicts.some((entry) => 'was' in entry)).toBe(false);
});

test('[TOK16] a hash of fields that are not there is malformed', async () => {
  const { changeTask } = await setUp();
  const fieldsMatch = { fields: ['titel'], sha256: hashOf({ titel: 'Plan' }) };
  expect(await changeTask({ title: 'Mine' }, { fieldsMatch })).toMatchObject({ code: 'malformed-request' });
});

test('[TOK17] a write on what it depends on is applied while that is as it was seen', async () => {
  const { changeTask, changeTeam, taskToken, teamToken } = await setUp();
  const guarded = { token: taskToken, dependsOn: [teamToken] };
  expect(await changeTask({ title: 'Mine' }, guarded)).toMatchObject({ outcome: 'accepted' });
  await changeTeam({ size: 2 });
  await changeTeam({ size: 1 });
  expect(await changeTask({ status: 'done' }, guarded)).toMatchObject({ changed: ['status'] });
});

test('[TOK17] what changed in an aggregate that a write depends on is a conflict that names it', async () => {
  const { changeTask, changeTeam, run, taskToken, teamToken } = await setUp();
  const guarded = { token: taskToken, dependsOn: [teamToken] };
  await changeTeam({ size: 2 });
  const of = { aggregate: 'team', id: 'm1' };
  expect(await changeTask({ title: 'Mine' }, { ...guarded, handling: 'lenient' })).toMatchObject({
    outcome: 'conflict',
    conflicts: [{ field: 'size', was: 1, is: 2, of }],
  });
  await run({ aggregate: 'team', id: 'm1', command: { kind: 'delete' } });
  expect(await changeTask({ title: 'Mine' }, guarded)).toMatchObject({
    outcome: 'conflict',
    conflicts: [
      { field: 'size', was: 1, of },
      { field: 'name', was: 'Blue', by: ada, of },
    ],
  });
});

test('[TOK17] [TOK9] a dependency whose history is gone is a conflict without fields', async () => {
  const { changeTask, taskToken } = await setUp();
  const gone = toToken(toStreamName('team', 'm1'), { revision: 0n, eventId: 'of another history' });
  expect(await changeTask({ title: 'Mine' }, { token: taskToken, dependsOn: [gone] })).toEqual({
    outcome: 'conflict',
    conflicts: [],
    token: taskToken,
  });
});

test('[TOK17] [TOK2] a dependency that is malformed, of no known type or of the future is refused', async () => {
  const { changeTask } = await setUp();
  const tokens = [
    'nonsense' as ConsistencyToken,
    toToken(toStreamName('chore', 'm1'), { revision: 0n, eventId: 'x' }),
    toToken(toStreamName('team', '../m1'), { revision: 0n, eventId: 'x' }),
    toToken(toStreamName('team', 'm1'), { revision: 7n, eventId: 'x' }),
    toToken(toStreamName('team', 'm2'), { revision: 0n, eventId: 'x' }),
  ];
  for (const token of tokens) {
    expect(await changeTask({ title: 'Mine' }, { dependsOn: [token] })).toMatchObject({
      outcome: 'rejected',
      code: 'malformed-token',
    });
  }
});

test.each([{ place: 3 }, { place: null }, { place: { a: 1 } }, { titel: 'x' }])(
  '[TOK12] [CMD10] what nobody can have seen is refused: %j',
  async (seen) => {
    const { changeTask, run, taskToken } = await setUp();
    for (const token of [taskToken, undefined]) {
      const command = { kind: 'change' as const, patch: { status: 'done' }, token, seen };
      expect(await run({ aggregate: 'task', id: 't1', command })).toMatchObject({
        code: 'invalid-fields',
        errors: [{ path: expect.stringMatching(/^seen[.]/) as string }],
      });
    }
    expect(await changeTask({}, {})).toMatchObject({ token: taskToken });
  },
);
