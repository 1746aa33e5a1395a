import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { expect, test } from 'vitest';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { note } from '../../examples/notes/note.ts';
import { defineAggregate } from '@weft/client/protocol';
import { z } from 'zod';
import { call, type HttpRequest } from '../support/httpClient.ts';
import { startTestServer } from '../support/testServer.ts';

const team = defineAggregate('team', {
  fields: { name: z.string(), size: z.number() },
  initial: { size: 1 },
});

async function setUp() {
  const store = createInMemoryEventStore();
  const { url } = await startTestServer({ store, aggregates: [note, team] });
  const http = (method: string, path: string, request?: HttpRequest) => call(url + path, method, request);
  const created = await http('PUT', '/api/note/n1', { body: { title: 'Plan' }, headers: asUser('Ada') });
  const patch = (body: object, headers: Record<string, string> = {}, query = '') =>
    http('PATCH', `/api/note/n1${query}`, { body, headers });
  const readStreams = async () => (await store.readAll()).map(({ stream, type }) => `${stream} ${type}`);
  return { http, patch, readStreams, token: String(created.json?.token) };
}

function asUser(name: string): Record<string, string> {
  return { Authorization: `Bearer ${name}` };
}

function toFieldsMatch(fields: Record<string, unknown>): string {
  const hash = createHash('sha256')
    .update(canonicalize(fields) ?? '')
    .digest('base64');
  return `${Object.keys(fields).join(', ')}; sha-256=:${hash}:`;
}

test('[TOK16] Fields-Match guards a write without a token', async () => {
  const { patch } = await setUp();
  const saw = toFieldsMatch({ status: 'open', title: 'Plan' });
  expect((await patch({ priority: 3 }, { 'Fields-Match': saw })).status).toBe(200);
  await patch({ title: 'Theirs' }, asUser('Ben'));
  const conflict = await patch({ title: 'Mine' }, { 'Fields-Match': saw });
  expect(conflict.status).toBe(409);
  expect(conflict.json).toMatchObject({
    conflicts: [
      { field: 'status', is: 'open' },
      { field: 'title', is: 'Theirs', want: 'Mine', by: { name: 'Ben' } },
    ],
  });
});

test.each([
  'title',
  'title; sha-256=abc',
  '; sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
  'titel; sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
  '__proto__; sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
  'title; md5=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
])('[TOK16] [CMD10] the header Fields-Match: %s is malformed', async (header) => {
  const { patch, readStreams } = await setUp();
  const refused = await patch({ title: 'Mine' }, { 'Fields-Match': header });
  expect(refused).toMatchObject({ status: 400, json: { type: 'urn:weft:problem:malformed-request' } });
  expect(await readStreams()).toHaveLength(1);
});

test('[TOK17] a write may carry the tokens of what it depends on, in any order', async () => {
  const { http, patch, token } = await setUp();
  const created = await http('PUT', '/api/team/m1', { body: { name: 'Blue' } });
  const tokens = { 'Consistency-Token': `${String(created.json?.token)}, ${token}` };
  expect((await patch({ status: 'in-progress' }, tokens)).status).toBe(200);
  await http('PATCH', '/api/team/m1', { body: { size: 2 } });
  const conflict = await patch({ status: 'done' }, tokens);
  expect(conflict.status).toBe(409);
  expect(conflict.json?.conflicts).toMatchObject([
    { field: 'size', was: 1, is: 2, of: { aggregate: 'team', id: 'm1' } },
  ]);
});

test('[TOK17] [TOK2] tokens none of which is the written aggregate’s are refused', async () => {
  const { http, patch } = await setUp();
  const created = await http('PUT', '/api/team/m1', { body: { name: 'Blue' } });
  const other = String(created.json?.token);
  for (const header of [other, `${other}, ${other}x`, `${other},`, '']) {
    const refused = await patch({ status: 'done' }, { 'Consistency-Token': header });
    expect(refused).toMatchObject({ status: 400, json: { type: 'urn:weft:problem:malformed-token' } });
  }
});

test('[TOK17] [CMD10] more tokens than one write can depend on are refused', async () => {
  const { patch, readStreams, token } = await setUp();
  const header = Array.from({ length: 33 }, () => token).join(', ');
  const refused = await patch({ status: 'done' }, { 'Consistency-Token': header });
  expect(refused).toMatchObject({ status: 400, json: { type: 'urn:weft:problem:malformed-request' } });
  expect(await readStreams()).toHaveLength(1);
});

test('[TOK14] a preference is called applied only where it makes a difference', async () => {
  const { http, patch } = await setUp();
  const headers = { Prefer: 'handling=lenient' };
  expect((await patch({ status: 'done' }, headers)).headers.get('Preference-Applied')).toBe(
    'handling=lenient',
  );
  const command = { body: { to: 'Ben' }, headers };
  const refused = await http('POST', '/api/note/n1/commands/assign', command);
  expect(refused.headers.get('Preference-Applied')).toBeNull();
});

test('[CMD2] a creation finds nothing to match', async () => {
  const { http, token } = await setUp();
  const put = (headers: Record<string, string>) =>
    http('PUT', '/api/note/n2', { body: { title: 'x' }, headers });
  expect((await put({ 'If-Match': `"${token}"` })).status).toBe(412);
  expect((await put({ 'Consistency-Token': token })).status).toBe(400);
  expect((await put({ 'Fields-Match': toFieldsMatch({ title: 'x' }) })).status).toBe(400);
  expect((await http('GET', '/api/note/n2')).status).toBe(404);
});

test('[CMD9] a dry run of a creation, a change and a deletion shows what would be appended', async () => {
  const { http, patch, readStreams, token } = await setUp();
  const created = await http('PUT', '/api/note/n2?dry-run=true', { body: { title: 'x' } });
  expect(created.status).toBe(200);
  expect(created.json).toMatchObject({ outcome: 'accepted', events: [{ type: 'NoteCreated' }] });
  expect(created.json).not.toHaveProperty('token');
  expect((await patch({ title: 'y' }, {}, '?dry-run=true')).json).toMatchObject({
    events: [{ type: 'NoteChanged', data: { changes: { title: 'y' } } }],
    fields: { title: 'y' },
    token,
  });
  const deleted = await http('DELETE', '/api/note/n1?dry-run=true');
  expect(deleted).toMatchObject({ status: 200, json: { events: [{ type: 'NoteDeleted', data: {} }] } });
  expect(await readStreams()).toEqual(['note-n1 NoteCreated']);
});

test('[LOS1] [LOS2] [LOS5] a value that lost is listed, and restored by one call', async () => {
  const { http, patch, token } = await setUp();
  await patch({ title: 'Theirs', priority: 3 }, asUser('Ben'));
  await patch({ title: 'Mine' }, { ...asUser('Cleo'), 'Consistency-Token': token });
  await patch({ priority: 4 }, { ...asUser('Cleo'), 'Consistency-Token': token });
  const listed = await http('GET', '/api/note/n1/conflicts');
  expect(listed.status).toBe(200);
  expect(listed.json?.items).toMatchObject([
    {
      id: '1.0',
      field: 'priority',
      was: 2,
      is: 3,
      want: 4,
      kept: 4,
      why: 'overwritten',
      value: 3,
      by: { name: 'Cleo' },
      isBy: { name: 'Ben' },
    },
    { id: '0.0', field: 'title', was: 'Plan', is: 'Theirs', want: 'Mine', value: 'Mine', why: 'rejected' },
  ]);
  const page = await http('GET', '/api/note/n1/conflicts?limit=1&before=1.0');
  expect((page.json?.items as { id: string }[]).map(({ id }) => id)).toEqual(['0.0']);

  expect((await http('POST', '/api/note/n1/conflicts/0.0/restore')).json).toMatchObject({
    outcome: 'accepted',
    changed: ['title'],
    fields: { title: 'Mine', priority: 4 },
  });
  expect((await http('POST', '/api/note/n1/conflicts/1.0/restore')).json).toMatchObject({
    fields: { priority: 3 },
  });
});

test('[LOS5] restoring is guarded, repeated and tried as any other write', async () => {
  const { http, patch, token } = await setUp();
  await patch({ title: 'Theirs' });
  await patch({ title: 'Mine' }, { 'Consistency-Token': token });
  const restore = (headers: Record<string, string>, query = '') =>
    http('POST', `/api/note/n1/conflicts/0.0/restore${query}`, { headers });
  expect((await restore({ 'Consistency-Token': token })).status).toBe(409);
  expect((await restore({}, '?dry-run=true')).json).toMatchObject({ events: [{ type: 'NoteChanged' }] });
  const first = await restore({ 'Idempotency-Key': 'k' });
  expect((await restore({ 'Idempotency-Key': 'k' })).json).toEqual(first.json);
});

test.each([
  ['GET', '/api/note/n1/conflicts?limit=0', 400],
  ['GET', '/api/note/n1/conflicts?limit=101', 400],
  ['GET', '/api/note/n1/conflicts?before=x', 400],
  ['GET', '/api/note/n1/conflicts?before=99999999999999999999.0', 400],
  ['GET', '/api/note/n1/conflicts?of=x', 400],
  ['GET', '/api/note/n2/conflicts', 404],
  ['GET', '/api/nota/n1/conflicts', 404],
  ['POST', '/api/note/n1/conflicts', 405],
  ['POST', '/api/note/n1/conflicts/7.0/restore', 404],
  ['POST', '/api/note/n1/conflicts/x/restore', 404],
  ['POST', '/api/note/n2/conflicts/0.0/restore', 404],
  ['POST', '/api/nota/n1/conflicts/0.0/restore', 404],
  ['GET', '/api/note/n1/conflicts/0.0/restore', 405],
])('[LOS2] [LOS5] [HTT5] %s %s is answered %i', async (method, path, status) => {
  const { http } = await setUp();
  expect((await http(method, path)).status).toBe(status);
});

test('[LOS2] of a deleted note no lost values are told', async () => {
  const { http, patch, token } = await setUp();
  await patch({ title: 'Theirs' });
  await patch({ title: 'Mine' }, { 'Consistency-Token': token });
  await http('DELETE', '/api/note/n1');
  expect((await http('GET', '/api/note/n1/conflicts')).status).toBe(410);
  expect((await http('POST', '/api/note/n1/conflicts/0.0/restore')).status).toBe(410);
});

test('[TOK17] two tokens of one aggregate are refused: there is no saying which state was seen', async () => {
  const { patch, token } = await setUp();
  const later = String((await patch({ status: 'done' })).json?.token);
  for (const header of [`${token}, ${later}`, `${later}, ${token}`]) {
    expect(await patch({ title: 'x' }, { 'Consistency-Token': header })).toMatchObject({ status: 400 });
  }
});

test('[TOK13] [TOK16] [TOK17] where If-Match holds, another conflict is 409', async () => {
  const { http, patch, token } = await setUp();
  const team1 = String((await http('PUT', '/api/team/m1', { body: { name: 'Blue' } })).json?.token);
  await http('PATCH', '/api/team/m1', { body: { size: 2 } });
  const held = { 'If-Match': `"${token}"` };
  expect((await patch({ title: 'x' }, { ...held, 'Consistency-Token': team1 })).status).toBe(409);
  const mismatch = toFieldsMatch({ title: 'other' });
  expect((await patch({ title: 'x' }, { ...held, 'Fields-Match': mismatch })).status).toBe(409);
  // The tag is what guards, whatever other state of it was seen.
  await patch({ status: 'done' });
  expect((await patch({ title: 'x' }, { ...held, 'Consistency-Token': token })).status).toBe(412);
});

test('[TOK13] a change of what must not be there is 412', async () => {
  const { http, patch } = await setUp();
  expect((await patch({ title: 'x' }, { 'If-None-Match': '*' })).status).toBe(412);
  expect((await http('DELETE', '/api/note/n1', { headers: { 'If-None-Match': '*' } })).status).toBe(412);
  expect((await http('GET', '/api/note/n1')).status).toBe(200);
});

test('[HTT3] a problem says nothing of our making', async () => {
  const { patch } = await setUp();
  const { json } = await patch('{bad' as unknown as object);
  expect(Object.keys(json ?? {}).sort()).toEqual(['detail', 'status', 'title', 'type']);
});

test('[ASY1] with a time to wait, what is settled by then is answered as if it had been waited for', async () => {
  const { patch } = await setUp();
  const answer = await patch({ title: 'x' }, { Prefer: 'respond-async, wait=20' });
  expect(answer).toMatchObject({ status: 200, json: { outcome: 'accepted', changed: ['title'] } });
});
