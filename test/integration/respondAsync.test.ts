import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createManualClock } from '../../client-sdk/src/testSupport/manualClock.ts';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { call, type HttpAnswer, type HttpRequest } from '../support/httpClient.ts';
import { sendRaw } from '../support/rawHttp.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

const ASYNC = { Prefer: 'respond-async' };

async function setUp() {
  let held: PromiseWithResolvers<undefined> | undefined;
  const store = createInMemoryEventStore({
    faults: {
      beforeAppend: async (stream) => {
        if (stream.startsWith('note-')) await held?.promise;
      },
    },
  });
  const clock = createManualClock();
  const server = await startTestServer({ store, clock });
  const http = (method: string, path: string, { headers, ...request }: HttpRequest = {}) =>
    call(server.url + path, method, { ...request, headers: { Authorization: 'Bearer ada', ...headers } });
  /** Sends a write that nobody waits for, and answers where to ask for its outcome. */
  const defer = async (method: string, path: string, { body, headers }: HttpRequest = {}) => {
    const accepted = await http(method, path, { body, headers: { ...ASYNC, ...headers } });
    expect(accepted.status).toBe(202);
    return accepted.headers.get('Location') ?? '';
  };
  /** Asks until there is an outcome. */
  const settled = (status: string): Promise<HttpAnswer> =>
    until(
      async () => {
        const answer = await http('GET', status);
        return answer.status === 202 ? undefined : answer;
      },
      { describe: 'the outcome' },
    );
  return {
    server,
    store,
    clock,
    http,
    defer,
    settled,
    /** Holds writes of notes back. */
    hold: () => {
      held = Promise.withResolvers();
    },
    letGo: () => held?.resolve(undefined),
  };
}

test('[ASY1] a write that prefers it is answered 202 with a link, which ends in the outcome', async () => {
  const { http, hold, letGo, settled } = await setUp();
  hold();
  const accepted = await http('PUT', '/api/note/n1', { body: { title: 'Plan' }, headers: ASYNC });
  expect(accepted.status).toBe(202);
  expect(accepted.headers.get('Preference-Applied')).toBe('respond-async');
  const status = accepted.headers.get('Location') ?? '';
  expect(status).toMatch(/^\/api\/note\/n1\/requests\/[0-9a-f-]{36}$/);
  expect(accepted.json).toEqual({ outcome: 'pending', status });

  const pending = await http('GET', status);
  expect(pending).toMatchObject({ status: 202, json: { outcome: 'pending' } });
  expect(pending.headers.get('Retry-After')).toBe('1');
  expect(pending.headers.get('Cache-Control')).toBe('no-store');
  expect((await http('GET', '/api/note/n1')).status).toBe(404);

  letGo();
  const created = await settled(status);
  expect(created.status).toBe(201);
  expect(created.headers.get('Location')).toBe('/api/note/n1');
  const note = await http('GET', '/api/note/n1');
  expect(created.headers.get('ETag')).toBe(note.headers.get('ETag'));
  expect(created.json).toMatchObject({
    outcome: 'accepted',
    fields: note.json?.fields,
    token: note.json?.token,
  });
});

/** The headers and body of an answer, without what tells one moment or one event from another. */
function shapeOf({ status, headers, text }: HttpAnswer) {
  const names = ['Location', 'ETag', 'Content-Type', 'Retry-After'];
  const [location, etag, type, retry] = names.map((name) => headers.get(name));
  // Each note has tokens and moments of its own.
  const body = text.replaceAll(/"(token|at)":"[^"]*"/g, '"$1":""').replaceAll(/\bn[12]\b/g, 'n');
  return { status, location: location?.replace(/n[12]$/, 'n'), hasTag: etag !== null, type, retry, body };
}

const writes: readonly {
  readonly name: string;
  readonly status: number;
  readonly method: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: (tokens: { readonly first: string; readonly newest: string }) => Record<string, string>;
}[] = [
  { name: 'a change', status: 200, method: 'PATCH', body: { status: 'done' } },
  { name: 'a change of nothing', status: 200, method: 'PATCH', body: { title: 'B' } },
  {
    name: 'a change beside newer ones',
    status: 200,
    method: 'PATCH',
    body: { status: 'done' },
    headers: ({ first }) => ({ 'Consistency-Token': first }),
  },
  {
    name: 'a conflict',
    status: 409,
    method: 'PATCH',
    body: { title: 'C' },
    headers: ({ first }) => ({ 'Consistency-Token': first }),
  },
  {
    name: 'a lenient change',
    status: 200,
    method: 'PATCH',
    body: { title: 'C', status: 'done' },
    headers: ({ first }) => ({ 'Consistency-Token': first, Prefer: 'respond-async, handling=lenient' }),
  },
  {
    name: 'a change of another state',
    status: 412,
    method: 'PATCH',
    body: { status: 'done' },
    headers: ({ first }) => ({ 'If-Match': `"${first}"` }),
  },
  {
    name: 'a change of this state',
    status: 200,
    method: 'PATCH',
    body: { status: 'done' },
    headers: ({ newest }) => ({ 'If-Match': `"${newest}"` }),
  },
  { name: 'a value that is refused', status: 422, method: 'PATCH', body: { priority: 9 } },
  { name: 'a creation of what is there', status: 409, method: 'PUT', body: { title: 'X' } },
  {
    name: 'a creation only of what is not there',
    status: 412,
    method: 'PUT',
    body: { title: 'X' },
    headers: () => ({ 'If-None-Match': '*' }),
  },
  { name: 'an unknown command', status: 404, method: 'POST', path: '/commands/fly', body: {} },
  { name: 'a deletion', status: 204, method: 'DELETE' },
];

test.each(writes)(
  '[ASY1] $name ends in the answer that it would have had: $status',
  async ({ status, method, path = '', body, headers }) => {
    const { http, defer, settled } = await setUp();
    const answers: HttpAnswer[] = [];
    for (const id of ['n1', 'n2']) {
      const url = `/api/note/${id}`;
      const created = await http('PUT', url, { body: { title: 'A' } });
      const changed = await http('PATCH', url, { body: { title: 'B' } });
      const tokens = { first: String(created.json?.token), newest: String(changed.json?.token) };
      const sent = { ...ASYNC, ...headers?.(tokens) };
      if (id === 'n1') {
        answers.push(await settled(await defer(method, url + path, { body, headers: sent })));
      } else {
        const waited = { ...sent, Prefer: sent.Prefer.replace('respond-async', 'x') };
        answers.push(await http(method, url + path, { body, headers: waited }));
      }
    }
    expect(answers.map((answer) => answer.status)).toEqual([status, status]);
    const [deferred, waited] = answers.map(shapeOf);
    expect(deferred).toEqual(waited);
  },
);

test('[ASY1] a creation under an id of the server’s choice is answered 202 as well', async () => {
  const { http, defer, settled } = await setUp();
  const status = await defer('POST', '/api/note', { body: { title: 'Plan' } });
  const location = (await settled(status)).headers.get('Location') ?? '';
  expect(status.startsWith(`${location}/requests/`)).toBe(true);
  expect((await http('GET', location)).json).toMatchObject({ fields: { title: 'Plan' } });
});

test('[ASY1] what is malformed, or of an unknown type, is refused at once', async () => {
  const { http, store } = await setUp();
  const refusals: readonly [string, HttpRequest, number][] = [
    ['/api/nothing/n1', { body: {} }, 404],
    ['/api/note/%20', { body: {} }, 404],
    ['/api/note/n1', { body: '{' }, 400],
    ['/api/note/n1', { body: {}, headers: { 'Idempotency-Key': 'ä' } }, 400],
  ];
  for (const [path, { body, headers }, status] of refusals) {
    const answer = await http('PATCH', path, { body, headers: { ...ASYNC, ...headers } });
    expect(answer.status).toBe(status);
  }
  expect(await store.readAll()).toEqual([]);
});

test('[ASY1] a dry run is answered at once, whatever it prefers', async () => {
  const { http, store } = await setUp();
  const answer = await http('PUT', '/api/note/n1?dry-run=true', { body: { title: 'A' }, headers: ASYNC });
  expect(answer.status).toBe(200);
  expect(await store.readAll()).toEqual([]);
});

test('[ASY3] a repeat with its key is given the same link, another command under the key is refused', async () => {
  const { http, defer, settled } = await setUp();
  await http('PUT', '/api/note/n1', { body: { title: 'A' } });
  const keyed = { 'Idempotency-Key': 'k1' };
  const link = await defer('PATCH', '/api/note/n1', { body: { title: 'B' }, headers: keyed });
  expect(await defer('PATCH', '/api/note/n1', { body: { title: 'B' }, headers: keyed })).toBe(link);
  const first = await settled(link);
  expect(await defer('PATCH', '/api/note/n1', { body: { title: 'B' }, headers: keyed })).toBe(link);
  expect(await settled(link)).toMatchObject({ status: 200, text: first.text });
  // Whoever waits for it is answered as a repeat too.
  const waited = await http('PATCH', '/api/note/n1', { body: { title: 'B' }, headers: keyed });
  expect(waited).toMatchObject({ status: 200, text: first.text });
  const other = await http('PATCH', '/api/note/n1', {
    body: { title: 'C' },
    headers: { ...keyed, ...ASYNC },
  });
  expect(other).toMatchObject({
    status: 422,
    json: { type: 'urn:weft:problem:idempotency-key-reused' },
  });
});

test('[ASY5] nobody else reads what became of it, nor is it elsewhere', async () => {
  const { http, defer, settled } = await setUp();
  const status = await defer('PUT', '/api/note/n1', { body: { title: 'A' } });
  await settled(status);
  const request = status.split('/').at(-1) ?? '';
  const notThere = { status: 404, json: { type: 'urn:weft:problem:not-found' } };
  for (const Authorization of ['Bearer ben', 'Bearer Ada', '']) {
    expect(await http('GET', status, { headers: { Authorization } })).toMatchObject(notThere);
  }
  for (const path of [
    `/api/note/n2/requests/${request}`,
    `/api/nothing/n1/requests/${request}`,
    `/api/note/n1/requests/${randomUUID()}`,
    '/api/note/n1/requests/x',
    '/api/note/n1/requests/..%2fn1',
    `/api/note/n1/requests/${request}%00`,
  ]) {
    expect(await http('GET', path)).toMatchObject(notThere);
  }
});

test('[ASY1] [HTT5] a link is only read', async () => {
  const { server, http, defer, settled } = await setUp();
  const status = await defer('PUT', '/api/note/n1', { body: { title: 'A' } });
  await settled(status);
  for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
    const answer = await http(method, status, { ...(method !== 'DELETE' && { body: {} }) });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('Allow')).toBe('GET, HEAD');
  }
  const headers = [['Authorization', 'Bearer ada']] as const;
  const head = await sendRaw(server.url, { method: 'HEAD', path: status, headers });
  expect(head).toMatchObject({ status: 201, text: '' });
});

test('[ASY1] a client that waits is answered when it is settled, or when its time is over', async () => {
  const { clock, http, defer, hold, letGo } = await setUp();
  hold();
  const status = await defer('PUT', '/api/note/n1', { body: { title: 'A' } });
  const before = clock.timers;
  const ask = async (wait: string) => {
    const answer = http('GET', status, { headers: { Prefer: `wait=${wait}` } });
    await until(() => clock.timers === before + 1, { describe: 'the wait' });
    return { answer };
  };
  const short = await ask('5');
  clock.advance(5_000);
  expect((await short.answer).status).toBe(202);

  // More than the longest wait is that.
  const long = await ask('3600');
  clock.advance(30_000);
  expect((await long.answer).status).toBe(202);

  const rewarded = await ask('20');
  letGo();
  expect((await rewarded.answer).status).toBe(201);
  expect(clock.timers).toBe(before);
  expect((await http('GET', status, { headers: { Prefer: 'wait=20' } })).status).toBe(201);
});

test('[ASY1] who hangs up while waiting leaves nothing behind', async () => {
  const { server, clock, defer, hold, letGo } = await setUp();
  hold();
  const status = await defer('PUT', '/api/note/n1', { body: { title: 'A' } });
  const before = clock.timers;
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(
    `GET ${status} HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=20\r\nAuthorization: Bearer ada\r\n\r\n`,
  );
  await until(() => clock.timers === before + 1, { describe: 'the wait' });
  socket.destroy();
  await until(() => clock.timers === before, { describe: 'the end of the wait' });
  letGo();
});

test('[ASY1] a server that stops answers who waits', async () => {
  const { server, clock, http, defer, hold, letGo } = await setUp();
  hold();
  const status = await defer('PUT', '/api/note/n1', { body: { title: 'A' } });
  const before = clock.timers;
  const answer = http('GET', status, { headers: { Prefer: 'wait=20' } });
  await until(() => clock.timers === before + 1, { describe: 'the wait' });
  const closed = server.close();
  expect((await answer).status).toBe(202);
  letGo();
  // The client keeps its connection; the server gives it up.
  clock.advance(5_000);
  await closed;
});
