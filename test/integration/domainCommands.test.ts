import { defineAggregate } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { call, type HttpRequest } from '../support/httpClient.ts';
import { openGreetedSession } from '../support/rawSession.ts';
import { startTestServer } from '../support/testServer.ts';

async function setUp() {
  const store = createInMemoryEventStore();
  const { url } = await startTestServer({ store });
  const http = (method: string, path: string, request?: HttpRequest) => call(url + path, method, request);
  const created = await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  const assign = (to: unknown, headers: Record<string, string> = {}, query = '') =>
    http('POST', `/api/note/n1/commands/assign${query}`, { body: { to }, headers });
  const readTypes = async () => (await store.readAll()).map(({ type }) => type);
  return { url, http, assign, readTypes, token: String(created.json?.token) };
}

test('[HTT10] [CMD11] a command appends its own event, and answers as a change does', async () => {
  const { http, assign, readTypes, token } = await setUp();
  const assigned = await assign('Ben', { 'Consistency-Token': token });
  expect(assigned.status).toBe(200);
  expect(assigned.json).toMatchObject({
    outcome: 'accepted',
    changed: ['assignee'],
    fields: { title: 'Plan', assignee: 'Ben' },
  });
  expect(assigned.headers.get('ETag')).toBe(`"${String(assigned.json?.token)}"`);
  expect(await readTypes()).toEqual(['NoteCreated', 'NoteAssigned']);
  expect((await http('GET', '/api/note/n1')).json).toMatchObject({ fields: { assignee: 'Ben' } });
});

test('[HTT10] [CMD13] a command conflicts on what it reads and on what it touches', async () => {
  const { http, assign, token, readTypes } = await setUp();
  await http('PATCH', '/api/note/n1', { body: { status: 'in-progress', assignee: 'Cleo' } });
  const conflict = await assign('Ben', { 'Consistency-Token': token });
  expect(conflict.status).toBe(409);
  expect(conflict.json).toMatchObject({
    type: 'urn:weft:problem:conflict',
    conflicts: [
      { field: 'assignee', was: null, is: 'Cleo', want: 'Ben' },
      { field: 'status', was: 'open', is: 'in-progress' },
    ],
  });
  const stale = await assign('Ben', { 'If-Match': `"${token}"` });
  expect(stale.status).toBe(412);
  expect(await readTypes()).toEqual(['NoteCreated', 'NoteChanged', 'NoteValuesLost', 'NoteValuesLost']);
});

test.each([
  { to: 3, status: 422, type: 'invalid-input', errors: [{ path: 'to' }] },
  { to: 'x'.repeat(81), status: 422, type: 'invalid-input', errors: [{ path: 'to' }] },
])('[HTT10] [CMD12] what a command does not take is refused: $to', async ({ to, status, type, errors }) => {
  const { assign, readTypes } = await setUp();
  const refused = await assign(to);
  expect(refused).toMatchObject({ status, json: { type: `urn:weft:problem:${type}`, errors } });
  expect(await readTypes()).toEqual(['NoteCreated']);
});

test('[HTT10] [CMD12] a command’s own refusal, an unknown command and other methods are told apart', async () => {
  const { http, assign, readTypes } = await setUp();
  await http('PATCH', '/api/note/n1', { body: { status: 'done' } });
  expect(await assign('Ben')).toMatchObject({
    status: 422,
    json: { type: 'urn:weft:problem:refused', detail: 'a note that is done is assigned to nobody' },
  });
  for (const name of ['unassign', 'constructor', '__proto__']) {
    const unknown = await http('POST', `/api/note/n1/commands/${name}`, { body: {} });
    expect(unknown).toMatchObject({ status: 404, json: { type: 'urn:weft:problem:unknown-command' } });
  }
  expect((await http('GET', '/api/note/n1/commands/assign')).status).toBe(405);
  expect((await http('POST', '/api/note/n2/commands/assign', { body: { to: 'Ben' } })).status).toBe(404);
  expect(await readTypes()).toEqual(['NoteCreated', 'NoteChanged']);
});

test('[HTT10] [CMD14] a command that decides nothing is accepted, and its repeat too', async () => {
  const { assign, readTypes } = await setUp();
  await assign('Ben', { 'Idempotency-Key': 'k1' });
  expect((await assign('Ben')).json).toMatchObject({ outcome: 'accepted', changed: [] });
  expect((await assign('Ben', { 'Idempotency-Key': 'k1' })).json).toMatchObject({ changed: ['assignee'] });
  expect((await assign('Ada', { 'Idempotency-Key': 'k1' })).status).toBe(422);
  expect(await readTypes()).toEqual(['NoteCreated', 'NoteAssigned']);
});

test('[HTT10] [CMD9] a dry run shows the events that a command would append', async () => {
  const { assign, readTypes, token } = await setUp();
  const dry = await assign('Ben', { 'Consistency-Token': token }, '?dry-run=true');
  expect(dry.json).toMatchObject({
    outcome: 'accepted',
    fields: { assignee: 'Ben' },
    events: [{ type: 'NoteAssigned', data: { to: 'Ben' } }],
    token,
  });
  expect(await readTypes()).toEqual(['NoteCreated']);
});

test('[SES4] [CMD11] a session carries out commands, and subscribers see the fields that they touch', async () => {
  const { url, token } = await setUp();
  const session = await openGreetedSession(url);
  session.send({ type: 'subscribe', aggregate: 'note', id: 'n1' });
  await session.next('state');
  const command = { kind: 'invoke', name: 'assign', input: { to: 'Ben' }, token };
  session.send({ type: 'command', key: 'k1', aggregate: 'note', id: 'n1', command });
  expect((await session.next('outcome')).outcome).toMatchObject({
    outcome: 'accepted',
    changed: ['assignee'],
  });
  expect(await session.next('changed')).toMatchObject({
    change: { kind: 'changed', fields: { assignee: 'Ben' } },
    key: 'k1',
  });
});

test('[SES4] a command that faults is answered, and the session goes on', async () => {
  const faulty = defineAggregate('faulty', {
    fields: { title: z.string() },
    commands: (command) => ({
      fail: command(z.object({}), {
        decide: () => {
          throw new Error('the definition is at fault');
        },
      }),
    }),
  });
  const { url } = await startTestServer({ aggregates: [faulty] });
  const session = await openGreetedSession(url);
  const send = (key: string, command: object) =>
    session.send({ type: 'command', key, aggregate: 'faulty', id: 'f1', command });
  send('k1', { kind: 'create', fields: { title: 'x' } });
  send('k2', { kind: 'invoke', name: 'fail', input: {} });
  send('k3', { kind: 'change', patch: { title: 'y' } });
  const outcomeOf = async (key: string) =>
    (await session.next('outcome', (message) => message.key === key)).outcome;
  expect(await outcomeOf('k2')).toMatchObject({ outcome: 'rejected', code: 'internal' });
  expect(await outcomeOf('k3')).toMatchObject({ outcome: 'accepted' });
  expect((await call(`${url}/api/faulty/f1/commands/fail`, 'POST', { body: {} })).status).toBe(500);
});
