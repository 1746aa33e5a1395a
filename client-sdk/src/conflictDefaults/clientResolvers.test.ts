import { expect, it, vi } from 'vitest';
import { createTestClient, say } from '../testSupport/createTestClient.ts';
import type { note } from '../testSupport/noteDefinition.ts';
import { MAX_ANSWERS_BY_DEFAULT } from './decideByDefaults.ts';
import type { Resolvers } from './resolvers.ts';

/** A note that the server knows, at token t1. */
async function openNote(resolvers: NonNullable<Resolvers<[typeof note]>['note']>) {
  const { server, clock, reports, weft } = createTestClient({ resolvers: { note: resolvers } });
  await server.accept();
  const handle = weft.note('n1');
  server.say(say.state('t1'));
  return { server, clock, reports, handle };
}

type Server = Awaited<ReturnType<typeof openNote>>['server'];

/** Waits for a command, which is asked for once a resolver has answered. */
async function nextCommand(server: Server) {
  return vi.waitFor(() => server.take('command'), { interval: 1 });
}

/** Answers the next command: somebody else was faster. */
async function conflict(server: Server, token: string, is: string) {
  const taken = await nextCommand(server);
  const { key, command } = taken;
  const { title: want } = command.kind === 'change' ? command.patch : {};
  const { title: was } = command.kind === 'change' ? (command.seen ?? {}) : {};
  server.say(say.conflict(key, token, { title: { was, is, want } }));
  return taken;
}

it('[HAN13] answers a conflict of which resolvers decide every field, and tells the outcome to who asked', async () => {
  const { server, handle } = await openNote({ title: ({ is, want }) => ({ value: `${is} & ${want}` }) });
  const changed = handle.change({ title: 'Ada’s' });
  await conflict(server, 't2', 'Ben’s');
  const { key, command } = await nextCommand(server);
  expect(command).toMatchObject({ patch: { title: 'Ben’s & Ada’s' }, seen: { title: 'Ben’s' } });
  expect(handle.conflicts).toEqual([]);
  server.say(say.accepted(key, 't3', { title: 'Ben’s & Ada’s' }));
  await expect(changed).resolves.toMatchObject({ outcome: 'accepted', changed: ['title'] });
});

it('[HAN13] leaves a conflict open that no resolver answers', async () => {
  const { server, handle } = await openNote({ remark: () => 'mine', title: () => undefined });
  const changed = handle.change({ title: 'Ada’s' });
  await conflict(server, 't2', 'Ben’s');
  await expect(changed).resolves.toMatchObject({ outcome: 'conflict' });
  expect(handle.conflicts).toHaveLength(1);
});

it('[HAN13] leaves a conflict to a person where its answers lead to one conflict after the other', async () => {
  const { server, handle } = await openNote({ title: () => 'mine' });
  const changed = handle.change({ title: 'Ada’s' });
  for (let turn = 0; turn <= MAX_ANSWERS_BY_DEFAULT; turn++) {
    await conflict(server, `t${turn + 2}`, `Ben’s ${turn}`);
  }
  await expect(changed).resolves.toMatchObject({ outcome: 'conflict' });
  expect(handle.conflicts).toMatchObject([{ fields: [{ field: 'title', is: 'Ben’s 5', want: 'Ada’s' }] }]);
  expect(server.all('command')).toHaveLength(MAX_ANSWERS_BY_DEFAULT + 1);
});

it('[HAN13] leaves a conflict to a person where the answer is refused', async () => {
  const { server, handle } = await openNote({ title: () => 'mine' });
  const changed = handle.change({ title: 'Ada’s' });
  await conflict(server, 't2', 'Ben’s');
  server.say(say.rejected((await nextCommand(server)).key));
  await expect(changed).resolves.toMatchObject({ outcome: 'rejected' });
  expect(handle.conflicts).toHaveLength(1);
  expect(server.all('command')).toHaveLength(2);
});

it('[HAN13] leaves a conflict to a person where the answer is no JSON, and reports it', async () => {
  // What has no types may answer anything.
  const { server, reports, handle } = await openNote({
    title: () => ({ value: new Date() as unknown as string }),
  });
  const changed = handle.change({ title: 'Ada’s' });
  await conflict(server, 't2', 'Ben’s');
  await expect(changed).resolves.toMatchObject({ outcome: 'conflict' });
  expect(handle.conflicts).toHaveLength(1);
  expect(reports).toEqual([{ kind: expect.any(String), error: expect.any(TypeError) }]);
});

it('[HAN13] asks for what was not in conflict as it was seen when it was asked for', async () => {
  const { server, handle } = await openNote({ title: ({ is }) => ({ value: `${is}!` }) });
  void handle.change({ title: 'Ada’s', remark: 'Ada’s' });
  server.say(say.changed('t2', { remark: 'Ben’s', title: 'Ben’s' }));
  await conflict(server, 't2', 'Ben’s');
  const { command } = await nextCommand(server);
  expect(command).toMatchObject({
    patch: { title: 'Ben’s!', remark: 'Ada’s' },
    seen: { title: 'Ben’s', remark: '' },
  });
});

it('[HAN13] answers once for all changes of a field that were asked for on top of each other', async () => {
  const { server, clock, handle } = await openNote({ title: () => 'mine' });
  server.lose();
  const titles = Array.from({ length: 10 }, (_, index) => `Ada’s ${index}`);
  for (const title of titles) void handle.change({ title });
  clock.advance(15_000);
  await server.accept({ attempt: 2 });
  server.say(say.state('t2', { title: 'Ben’s' }));
  for (const _ of titles) await conflict(server, 't2', 'Ben’s');
  const { command } = await nextCommand(server);
  expect(command).toMatchObject({ patch: { title: 'Ada’s 9' }, seen: { title: 'Ben’s' } });
  expect(server.all('command')).toHaveLength(titles.length + 1);
  expect(handle.fields.title).toBe('Ada’s 9');
});
