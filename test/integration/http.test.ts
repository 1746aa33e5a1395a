import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { call, type HttpRequest } from '../support/httpClient.ts';
import { createManualClock } from '../../client-sdk/src/testSupport/manualClock.ts';
import { startTestServer } from '../support/testServer.ts';

async function setUp(options: Parameters<typeof startTestServer>[0] = {}) {
  const store = createInMemoryEventStore();
  const server = await startTestServer({ store, ...options });
  const http = (method: string, path: string, request?: HttpRequest) =>
    call(server.url + path, method, request);
  const countEvents = async () => (await store.readAll()).length;
  return { server, http, countEvents };
}

const initial = { status: 'open', priority: 2, assignee: null, start: null, end: null, tags: [] };

test('[HTT1] [CMD1] a note is created under an id of one’s own, read, changed and deleted', async () => {
  const { http } = await setUp();
  const created = await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  expect(created.status).toBe(201);
  expect(created.headers.get('Location')).toBe('/api/note/n1');
  const token = created.json?.token;
  expect(created.headers.get('ETag')).toBe(`"${String(token)}"`);

  const read = await http('GET', '/api/note/n1');
  expect(read.status).toBe(200);
  expect(read.json).toEqual({
    type: 'note',
    id: 'n1',
    fields: { title: 'Plan', ...initial },
    token,
    texts: { body: { href: '/api/note/n1/texts/body', length: 0, revision: null } },
  });

  const patched = await http('PATCH', '/api/note/n1', {
    body: { status: 'done' },
    headers: { 'Content-Type': 'application/merge-patch+json', 'Consistency-Token': String(token) },
  });
  expect(patched.status).toBe(200);
  expect(patched.json).toMatchObject({
    outcome: 'accepted',
    changed: ['status'],
    fields: { status: 'done' },
  });
  expect(patched.headers.get('ETag')).toBe(`"${String(patched.json?.token)}"`);

  const deleted = await http('DELETE', '/api/note/n1');
  expect(deleted).toMatchObject({ status: 204, text: '' });
  expect((await http('GET', '/api/note/n1')).status).toBe(410);
  expect((await http('PATCH', '/api/note/n1', { body: { status: 'open' } })).status).toBe(410);
  expect((await http('PUT', '/api/note/n1', { body: { title: 'Again' } })).status).toBe(410);
});

test('[HTT1] a note is created under an id of the server’s choice, once per idempotency key', async () => {
  const { http, countEvents } = await setUp();
  const create = { body: { title: 'Plan' }, headers: { 'Idempotency-Key': 'k1' } };
  const first = await http('POST', '/api/note', create);
  const again = await http('POST', '/api/note', create);
  expect(first.status).toBe(201);
  expect(again.headers.get('Location')).toBe(first.headers.get('Location'));
  expect(await countEvents()).toBe(1);
  expect((await http('GET', first.headers.get('Location') ?? '')).json).toMatchObject({
    fields: { title: 'Plan' },
  });
  const other = await http('POST', '/api/note', { body: { title: 'Other' } });
  expect(other.headers.get('Location')).not.toBe(first.headers.get('Location'));
});

test('[HTT1] the list has the notes that are there, the one changed last first', async () => {
  const { http } = await setUp();
  for (const id of ['a', 'b', 'c']) await http('PUT', `/api/note/${id}`, { body: { title: id } });
  await http('PATCH', '/api/note/a', { body: { title: 'A' } });
  await http('DELETE', '/api/note/b');
  await expect
    .poll(async () => ((await http('GET', '/api/note')).json?.items as { id: string }[]).map(({ id }) => id))
    .toEqual(['a', 'c']);
});

test('[HTT1] [HTT3] creating what exists is 409, or 412 where it must be new', async () => {
  const { http } = await setUp();
  await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  const again = await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  expect(again.headers.get('Content-Type')).toContain('application/problem+json');
  expect(again.json).toMatchObject({ type: 'urn:weft:problem:already-exists', status: 409 });
  const onlyNew = { body: { title: 'Plan' }, headers: { 'If-None-Match': '*' } };
  expect((await http('PUT', '/api/note/n1', onlyNew)).status).toBe(412);
});

test('[HTT3] [TOK7] a conflict is a problem document with was, is, want, by and at, and the newest token', async () => {
  const { http } = await setUp();
  const { json } = await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  const headers = { 'Consistency-Token': String(json?.token) };
  await http('PATCH', '/api/note/n1', {
    body: { title: 'Theirs' },
    headers: { Authorization: 'Bearer Ben' },
  });
  const conflict = await http('PATCH', '/api/note/n1', { body: { title: 'Mine' }, headers });
  expect(conflict.status).toBe(409);
  expect(conflict.headers.get('Content-Type')).toContain('application/problem+json');
  expect(conflict.json).toMatchObject({
    type: 'urn:weft:problem:conflict',
    title: expect.any(String) as string,
    conflicts: [
      {
        field: 'title',
        was: 'Plan',
        is: 'Theirs',
        want: 'Mine',
        by: { id: 'Ben', name: 'Ben' },
        at: /^\d{4}-/,
      },
    ].map((entry) => ({ ...entry, at: expect.stringMatching(/^\d{4}-/) as string })),
  });
  const mine = { 'Consistency-Token': String(conflict.json?.token) };
  expect((await http('PATCH', '/api/note/n1', { body: { title: 'Mine' }, headers: mine })).status).toBe(200);
});

test('[TOK13] [TOK2] If-Match takes the current tag and nothing else', async () => {
  const { http } = await setUp();
  const { headers } = await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  const etag = headers.get('ETag') ?? '';
  const patch = (ifMatch: string) =>
    http('PATCH', '/api/note/n1', { body: { priority: 1 }, headers: { 'If-Match': ifMatch } });
  expect((await patch(`W/${etag}`)).status).toBe(412);
  expect((await patch('"nonsense"')).status).toBe(400);
  expect((await patch('*')).status).toBe(200);
  const stale = await patch(etag);
  expect(stale.status).toBe(412);
  expect(stale.json).toMatchObject({ conflicts: [{ field: 'priority', was: 2, is: 1, want: 1 }] });
});

test('[TOK14] Prefer: handling=lenient applies what does not conflict', async () => {
  const { http } = await setUp();
  const { json } = await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  await http('PATCH', '/api/note/n1', { body: { title: 'Theirs' } });
  const partial = await http('PATCH', '/api/note/n1', {
    body: { title: 'Mine', status: 'done' },
    headers: { 'Consistency-Token': String(json?.token), Prefer: 'handling=lenient' },
  });
  expect(partial.status).toBe(200);
  expect(partial.headers.get('Preference-Applied')).toBe('handling=lenient');
  expect(partial.json).toMatchObject({
    outcome: 'partial',
    changed: ['status'],
    conflicts: [{ field: 'title' }],
  });
});

test('[CMD9] a dry run changes nothing', async () => {
  const { http, countEvents } = await setUp();
  await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  const dry = await http('PATCH', '/api/note/n1?dry-run=true', { body: { title: 'Other' } });
  expect(dry.json).toMatchObject({ outcome: 'accepted', changed: ['title'] });
  expect(await countEvents()).toBe(1);
  expect((await http('PATCH', '/api/note/n1?dryrun=true', { body: { title: 'Other' } })).status).toBe(400);
  expect(await countEvents()).toBe(1);
});

test('[HTT2] a read is 304 while nothing changed', async () => {
  const { http } = await setUp();
  await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  const etag = (await http('GET', '/api/note/n1')).headers.get('ETag') ?? '';
  expect(etag).toMatch(/^"[\w-]+"$/);
  const same = await http('GET', '/api/note/n1', { headers: { 'If-None-Match': etag } });
  expect(same).toMatchObject({ status: 304, text: '' });
  await http('PATCH', '/api/note/n1', { body: { title: 'Other' } });
  expect((await http('GET', '/api/note/n1', { headers: { 'If-None-Match': etag } })).status).toBe(200);
});

const deep = '['.repeat(100) + ']'.repeat(100);

test.each<[string, HttpRequest, number, string]>([
  ['no body', {}, 415, 'unsupported-media-type'],
  [
    'another content type',
    { body: 'title=x', headers: { 'Content-Type': 'text/plain' } },
    415,
    'unsupported-media-type',
  ],
  [
    'another charset',
    { body: '{}', headers: { 'Content-Type': 'application/json; charset=latin1' } },
    415,
    'unsupported-media-type',
  ],
  ['bytes that are no UTF-8', { body: new Uint8Array([0x7b, 0xff, 0x7d]) }, 400, 'malformed-request'],
  ['no JSON', { body: '{title:1}' }, 400, 'malformed-request'],
  ['nothing', { body: '' }, 400, 'malformed-request'],
  ['a list', { body: '[]' }, 400, 'malformed-request'],
  ['null', { body: 'null' }, 400, 'malformed-request'],
  ['a __proto__ key', { body: '{"title":"x","__proto__":{"a":1}}' }, 400, 'malformed-request'],
  ['a nested __proto__ key', { body: '{"title":{"__proto__":{}}}' }, 400, 'malformed-request'],
  ['deep nesting', { body: `{"title":${deep}}` }, 400, 'malformed-request'],
  ['nesting that would exhaust a stack', { body: '['.repeat(200_000) }, 400, 'malformed-request'],
  ['too much', { body: JSON.stringify({ title: 'x'.repeat(300_000) }) }, 413, 'too-large'],
  ['an unknown field', { body: '{"titel":"x"}' }, 422, 'invalid-fields'],
  ['a wrong type', { body: '{"title":3}' }, 422, 'invalid-fields'],
  ['a number beyond all', { body: '{"priority":1e400}' }, 400, 'malformed-request'],
  ['a value out of range', { body: '{"priority":5}' }, 422, 'invalid-fields'],
  ['a date that is none', { body: '{"start":"2026-02-30"}' }, 422, 'invalid-fields'],
  ['a broken invariant', { body: '{"start":"2026-02-02","end":"2026-02-01"}' }, 422, 'invalid-fields'],
  ['a bad token', { body: '{"title":"x"}', headers: { 'Consistency-Token': '!' } }, 400, 'malformed-token'],
  [
    'a forged token',
    { body: '{"title":"x"}', headers: { 'Consistency-Token': 'AAAA' } },
    400,
    'malformed-token',
  ],
  ['a bad key', { body: '{"title":"x"}', headers: { 'Idempotency-Key': 'a b' } }, 400, 'malformed-request'],
])('[HTT4] [CMD10] a change with %s is refused and stores nothing', async (_case, request, status, code) => {
  const { http, countEvents } = await setUp();
  await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  const answer = await http('PATCH', '/api/note/n1', request);
  expect(answer.status).toBe(status);
  expect(answer.json).toMatchObject({ type: `urn:weft:problem:${code}`, status });
  expect(answer.text).not.toMatch(/\bat .*\.(ts|js):/);
  expect(await countEvents()).toBe(1);
});

test.each([
  ['GET', '/api/nothing/n1', 404],
  ['PUT', '/api/nothing/n1', 404],
  ['GET', '/api/nothing', 404],
  ['POST', '/api/nothing', 404],
  ['GET', '/api/constructor/n1', 404],
  ['GET', '/api/__proto__/n1', 404],
  ['GET', '/api/note/missing', 404],
  ['PATCH', '/api/note/missing', 404],
  ['DELETE', '/api/note/missing', 404],
  ['PUT', '/api/note/%20', 404],
  ['PUT', '/api/note/a%2fb', 404],
  ['PUT', '/api/note/__proto__', 404],
  ['PUT', '/api/note/a%00', 404],
  ['PUT', `/api/note/${'a'.repeat(200)}`, 404],
  ['PUT', '/api/note/%E0%A4', 400],
  ['GET', '/api/note/n1/texts/title', 404],
  ['GET', '/api/note/n1/texts/constructor', 404],
  ['GET', '/api/note/missing/texts/body', 404],
  ['GET', '/nothing', 404],
])('[HTT5] %s %s is %d', async (method, path, status) => {
  const { http } = await setUp();
  await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: { title: 'x' } };
  const answer = await http(method, path, body);
  expect(answer.status).toBe(status);
  expect(answer.json).toMatchObject({ status });
});

test.each([
  ['DELETE', '/api/note', 'GET, HEAD, POST'],
  ['POST', '/api/note/n1', 'GET, HEAD, PUT, PATCH, DELETE'],
  ['POST', '/api/note/n1/texts/body', 'GET, HEAD, PATCH, PUT, DELETE'],
])('[HTT5] %s %s is 405', async (method, path, allowed) => {
  const { http } = await setUp();
  const answer = await http(method, path);
  expect(answer.status).toBe(405);
  expect(answer.headers.get('Allow')).toBe(allowed);
});

test('[HTT6] a fault is 500 without a word of why, and the server goes on', async () => {
  const { http } = await setUp({ authenticate: () => Promise.reject(new Error('secret path /var/weft')) });
  const answer = await http('GET', '/api/note/n1');
  expect(answer.status).toBe(500);
  expect(answer.json).toMatchObject({ type: 'urn:weft:problem:internal' });
  expect(answer.text).not.toContain('secret');
  expect((await http('GET', '/healthz')).status).toBe(200);
});

test('[HTT6] [HTT7] [CMD7] a store out of reach is 503; repeating what was stored all the same stores it once', async () => {
  let failing = true;
  const afterAppend = () => {
    if (failing) throw new Error('secret path /var/weft');
  };
  const store = createInMemoryEventStore({ faults: { afterAppend } });
  const clock = createManualClock();
  const { http } = await setUp({ store, clock });
  const create = { body: { title: 'Plan' }, headers: { 'Idempotency-Key': 'k1' } };
  const answer = await http('PUT', '/api/note/n1', create);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('Retry-After')).not.toBeNull();
  expect(answer.json).toMatchObject({ type: 'urn:weft:problem:unavailable' });
  expect(answer.text).not.toContain('secret');
  expect((await http('GET', '/readyz')).status).toBe(503);
  expect((await http('GET', '/healthz')).status).toBe(200);
  failing = false;
  expect((await http('PUT', '/api/note/n1', create)).status).toBe(201);
  expect(await store.readAll()).toHaveLength(1);
  expect((await http('GET', '/readyz')).status).toBe(503);
  expect((await http('PATCH', '/api/note/n1', { body: { title: 'Other' } })).status).toBe(200);
  expect((await http('GET', '/readyz')).status).toBe(200);

  failing = true;
  await http('PATCH', '/api/note/n1', { body: { title: 'Another' } });
  expect((await http('GET', '/readyz')).status).toBe(503);
  failing = false;
  // Nobody writes to a server that is not ready: it must not wait for somebody who does.
  clock.advance(10_000);
  expect((await http('GET', '/readyz')).status).toBe(200);
});

test('[HTT6] two thousand headers are refused, and the server goes on', async () => {
  const { server, http } = await setUp();
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  const headers = Array.from({ length: 2_000 }, (_, index) => `X-Header-${index}: 1`).join('\r\n');
  socket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`);
  expect(await readText(socket)).toMatch(/^HTTP\/1\.1 431 /);
  expect((await http('GET', '/healthz')).status).toBe(200);
});

test('[HTT7] commands are counted by aggregate and outcome', async () => {
  const { http } = await setUp();
  await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  await http('PUT', '/api/madeup/n1', { body: { title: 'Plan' } });
  const { text } = await http('GET', '/metrics');
  expect(text).toContain('weft_commands_total{aggregate="note",outcome="accepted"} 1');
  expect(text).not.toContain('madeup');
});

test('[AUT1] [CMD8] people name themselves by the bearer token', async () => {
  const { http } = await setUp();
  await http('PUT', '/api/note/n1', {
    body: { title: 'x' },
    headers: { Authorization: 'Bearer Zo%C3%AB%20B' },
  });
  await http('PUT', '/api/note/n2', { body: { title: 'x' } });
  await expect
    .poll(async () => (await http('GET', '/api/note')).json?.items)
    .toMatchObject([
      { id: 'n2', by: { id: 'anonymous', name: 'Anonymous' } },
      { id: 'n1', by: { id: 'Zoë B', name: 'Zoë B' } },
    ]);
  const control = await http('GET', '/api/note', { headers: { Authorization: 'Bearer a%00b' } });
  expect(control.status).toBe(401);
});
