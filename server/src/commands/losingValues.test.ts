import {
  type ConsistencyToken,
  defineAggregate,
  type FieldValues,
  mergeSet,
  type User,
} from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import { toStreamName } from '../event-store/streamName.ts';
import type { CommandRequest } from './commandRequest.ts';
import { createTestHandler } from './testSupport/createTestHandler.ts';

const task = defineAggregate('task', {
  fields: {
    title: z.string(),
    status: z.string(),
    priority: z.number(),
    owner: z.string(),
    tags: z.array(z.string()),
  },
  initial: { status: 'open', priority: 2, owner: '', tags: [] },
  onConflict: { priority: 'last-writer-wins', owner: 'first-writer-wins', tags: mergeSet },
});

const ada: User = { id: 'ada', name: 'Ada' };
const ben: User = { id: 'ben', name: 'Ben' };
const ref = { definition: task, id: 't1' };

async function setUp(store = createInMemoryEventStore()) {
  const { execute, losingValues, repository } = createTestHandler([task], store);
  const at = { aggregate: 'task', id: 't1' };
  await execute({ ...at, user: ada, command: { kind: 'create', fields: { title: 'Plan' } } });
  const created = await repository.load(ref);
  const change = (
    patch: FieldValues,
    request: Partial<CommandRequest> & { token?: ConsistencyToken } = {},
  ) => {
    const { token, ...rest } = request;
    return execute({ ...at, user: ada, command: { kind: 'change', patch, token }, ...rest });
  };
  const list = async () => (await losingValues.list(ref, { limit: 100 })).values;
  const readToken = async () => {
    const outcome = await change({});
    if (!('token' in outcome)) throw new Error('there is no token');
    return outcome.token;
  };
  return { store, change, list, readToken, losingValues, created };
}

test('[LOS1] what a conflict leaves unstored is kept, with who asked for it, when and why', async () => {
  const { change, list, readToken } = await setUp();
  const token = await readToken();
  await change({ title: 'Theirs' }, { user: ben });
  await change({ title: 'Mine', status: 'done' }, { token });
  expect(await list()).toEqual([
    {
      id: '0.0',
      writer: ada,
      at: '2026-01-01T00:00:00.000Z',
      losing: {
        field: 'title',
        was: 'Plan',
        is: 'Theirs',
        want: 'Mine',
        why: 'rejected',
        by: ben,
        at: '2026-01-01T00:00:00.000Z',
      },
    },
    expect.objectContaining({
      id: '0.1',
      losing: expect.objectContaining({ field: 'status', want: 'done' }) as unknown,
    }),
  ]);
});

test('[LOS1] [TOK10] what gave way by its field’s policy is kept, with what is stored in its place', async () => {
  const { change, list, readToken } = await setUp();
  const token = await readToken();
  await change({ priority: 3, owner: 'ben', tags: ['b'] }, { user: ben });
  await change({ priority: 4, owner: 'ada', tags: ['a'] }, { token });
  expect((await list()).map(({ losing }) => losing)).toMatchObject([
    { field: 'priority', was: 2, is: 3, want: 4, kept: 4, why: 'overwritten', by: ben },
    { field: 'owner', was: '', is: 'ben', want: 'ada', kept: 'ben', why: 'gave-way' },
    { field: 'tags', was: [], is: ['b'], want: ['a'], kept: ['b', 'a'], why: 'merged' },
  ]);
});

test('[LOS1] a value that gave way without anything being stored is kept too', async () => {
  const { change, list, readToken } = await setUp();
  const token = await readToken();
  await change({ owner: 'ben' }, { user: ben });
  expect(await change({ owner: 'ada' }, { token })).toMatchObject({ changed: [] });
  expect(await list()).toMatchObject([{ losing: { field: 'owner', want: 'ada', why: 'gave-way' } }]);
});

test('[LOS1] [TOK14] of a partial write the fields in conflict are kept', async () => {
  const { change, list, readToken } = await setUp();
  const token = await readToken();
  await change({ title: 'Theirs' }, { user: ben });
  await change({ title: 'Mine', status: 'done' }, { token, handling: 'lenient' });
  expect(await list()).toMatchObject([{ losing: { field: 'title', want: 'Mine', why: 'rejected' } }]);
});

test('[LOS3] keeping a value moves no token', async () => {
  const { change, readToken } = await setUp();
  const token = await readToken();
  await change({ title: 'Theirs' });
  const before = await readToken();
  await change({ title: 'Mine' }, { token });
  expect(await readToken()).toBe(before);
});

test('[LOS3] [CMD7] what a repeated command loses is kept once', async () => {
  const { change, list, readToken } = await setUp();
  const token = await readToken();
  await change({ title: 'Theirs', priority: 3 }, { user: ben });
  for (let repeat = 0; repeat < 3; repeat++) {
    await change({ title: 'Mine' }, { token, idempotencyKey: 'k1' });
    await change({ priority: 4 }, { token, idempotencyKey: 'k2' });
  }
  expect(await list()).toHaveLength(2);
});

test('[LOS1] what a crash kept from being kept is brought after', async () => {
  const side = 'task.conflicts-t1';
  let isFailing = false;
  const beforeAppend = (stream: string) => {
    if (isFailing && stream === side) throw new Error('the process ends here');
  };
  const store = createInMemoryEventStore({ faults: { beforeAppend } });
  const { change, readToken } = await setUp(store);
  const token = await readToken();
  await change({ priority: 3 }, { user: ben });
  isFailing = true;
  await expect(change({ priority: 4 }, { token })).rejects.toThrow('the process ends here');
  const main = await store.readStream(toStreamName('task', 't1'));
  expect(main).toMatchObject({ lastRevision: 2n });
  isFailing = false;
  const { losingValues, execute } = createTestHandler([task], store);
  await execute({
    aggregate: 'task',
    id: 't1',
    user: ben,
    command: { kind: 'change', patch: { title: 'T' } },
  });
  expect((await losingValues.list(ref, { limit: 10 })).values).toMatchObject([
    { writer: ada, losing: { field: 'priority', is: 3, want: 4, why: 'overwritten' } },
  ]);
});

test('[LOS2] values are listed newest first, page by page, and found by their ids', async () => {
  const { change, list, readToken, losingValues } = await setUp();
  const token = await readToken();
  await change({ title: 'Theirs', status: 'done' });
  for (const title of ['a', 'b', 'c']) await change({ title, status: title }, { token });
  const all = await list();
  expect(all.map(({ losing }) => losing.want)).toEqual(['c', 'c', 'b', 'b', 'a', 'a']);
  const paged = [];
  let before: string | undefined;
  do {
    const page = await losingValues.list(ref, { before, limit: 1 });
    expect(page.values).toHaveLength(1);
    paged.push(...page.values);
    before = page.next;
  } while (before !== undefined);
  expect(paged).toEqual(all);
  expect(await losingValues.find(ref, all[3]?.id ?? '')).toEqual(all[3]);
  for (const unknown of ['9.0', '0.9', 'x', '', '-1.0']) {
    expect(await losingValues.find(ref, unknown)).toBeUndefined();
  }
});

test('[LOS2] a page holds no more than its size allows, and the next one goes on behind it', async () => {
  const { change, readToken, losingValues } = await setUp();
  const token = await readToken();
  await change({ title: 'Theirs' });
  for (let index = 0; index < 15; index++)
    await change({ title: `${index} ${'x'.repeat(250_000)}` }, { token });
  const wants = [];
  const sizes = [];
  let before: string | undefined;
  do {
    const page = await losingValues.list(ref, { before, limit: 100 });
    sizes.push(page.values.length);
    wants.push(...page.values.map(({ losing }) => parseInt(String(losing.want))));
    before = page.next;
  } while (before !== undefined);
  expect(sizes).toEqual([9, 6]);
  expect(wants).toEqual(Array.from({ length: 15 }, (_, index) => 14 - index));
});
