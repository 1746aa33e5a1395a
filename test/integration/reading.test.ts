import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { type ConsistencyToken, defineAggregate } from '@weft/client/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createManualClock } from '../../client-sdk/src/testSupport/manualClock.ts';
import { note } from '../../examples/notes/note.ts';
import { toToken } from '../../server/src/aggregates/aggregateToken.ts';
import type { EventStore, StreamName } from '../../server/src/event-store/eventStore.ts';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { toStreamName } from '../../server/src/event-store/streamName.ts';
import { createFollowerStore, type FollowerStoreOptions } from '../support/followerStore.ts';
import { call, type HttpAnswer, type HttpRequest } from '../support/httpClient.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

const task = defineAggregate('task', { fields: { name: z.string() }, initial: {} });
const aggregates = [note, task];

type Http = (method: string, path: string, request?: HttpRequest) => Promise<HttpAnswer>;

async function startServer(options: Parameters<typeof startTestServer>[0]): Promise<Http> {
  const { url } = await startTestServer({ aggregates, ...options });
  return (method, path, request) => call(url + path, method, request);
}

/** A server, and another one that is behind in what it reads from their store. */
async function startTwo(options: FollowerStoreOptions = {}) {
  const store = createInMemoryEventStore();
  const follower = createFollowerStore(store, options);
  const clock = createManualClock();
  const here = await startServer({ store });
  const there = await startServer({ store: follower, clock });
  await there('GET', '/api/note');
  const idleTimers = clock.timers;
  const isWaiting = () => until(() => clock.timers > idleTimers, { describe: 'a read that waits' });
  const isIdle = () => until(() => clock.timers === idleTimers, { describe: 'the end of the wait' });
  return { store, follower, clock, here, there, isWaiting, isIdle };
}

const atLeast = (tokens: readonly unknown[], headers: Record<string, string> = {}): HttpRequest => ({
  headers: { ...headers, 'At-Least': tokens.map(String).join(', ') },
});

/** Puts a note and answers its token. */
async function put(http: Http, path: string, body: Record<string, unknown>): Promise<string> {
  const { status, json } = await http('PUT', path, { body });
  expect(status).toBe(201);
  return String(json?.token);
}

const toIds = ({ json }: HttpAnswer) => (json?.items as { id: string }[]).map(({ id }) => id);

describe.each([
  ['a note', '/api/note/n1'],
  ['the list', '/api/note'],
  ['several', '/api?of=note/n1&of=task/t1'],
])('reading %s', (_name, path) => {
  test('[HTT9] on another node is of the state that was written, once that has come', async () => {
    const { follower, here, there, isWaiting } = await startTwo();
    await follower.hold();
    const token = await put(here, '/api/note/n1', { title: 'Plan' });
    expect((await there('GET', path)).text).not.toContain('Plan');

    const reading = there('GET', path, atLeast([token]));
    await isWaiting();
    follower.release();
    const read = await reading;
    expect(read.status).toBe(200);
    expect(read.text).toContain('"Plan"');
    expect(read.text).toContain(token);
    expect(read.headers.get('Preference-Applied')).toBeNull();
  });

  test('[HTT9] waits for the newest of several tokens, and for those of other aggregates', async () => {
    const { follower, here, there, isWaiting } = await startTwo();
    const first = await put(here, '/api/note/n1', { title: 'Plan' });
    await follower.hold();
    const patched = await here('PATCH', '/api/note/n1', { body: { title: 'Newer' } });
    const other = await put(here, '/api/task/t1', { name: 'Do' });
    const reading = there('GET', path, atLeast([first, other]));
    await isWaiting();
    follower.release();
    // Whoever has seen the task, which was stored later, has the note's change, too.
    expect((await reading).text).toContain(String(patched.json?.token));
  });

  test('[HTT9] waits two seconds by default, then answers 503 with Retry-After', async () => {
    const { follower, clock, here, there, isWaiting, isIdle } = await startTwo();
    await follower.hold();
    const token = await put(here, '/api/note/n1', { title: 'Plan' });
    const reading = there('GET', path, atLeast([token]));
    await isWaiting();
    clock.advance(1_999);
    await isWaiting();
    clock.advance(1);
    const read = await reading;
    expect(read.status).toBe(503);
    expect(read.headers.get('Retry-After')).toBe('1');
    expect(read.headers.get('Content-Type')).toContain('application/problem+json');
    expect(read.json?.detail).toContain('within 2 s');
    await isIdle();
    follower.release();
    expect((await there('GET', path, atLeast([token]))).status).toBe(200);
  });

  test.each([
    ['wait=5', 5],
    ['handling=strict, wait=1', 1],
    ['wait=86400', 30],
  ])('[HTT9] with `Prefer: %s` waits %i seconds', async (prefer, seconds) => {
    const { follower, clock, here, there, isWaiting, isIdle } = await startTwo();
    await follower.hold();
    const token = await put(here, '/api/note/n1', { title: 'Plan' });
    const reading = there('GET', path, atLeast([token], { Prefer: prefer }));
    await isWaiting();
    clock.advance(seconds * 1_000 - 1);
    await isWaiting();
    clock.advance(1);
    const read = await reading;
    expect(read.status).toBe(503);
    expect(read.headers.get('Preference-Applied')).toBe(`wait=${seconds}`);
    await isIdle();
    follower.release();
  });

  test('[HTT9] stops waiting when the client hangs up', async () => {
    const store = createInMemoryEventStore();
    const clock = createManualClock();
    const subscriptions = countSubscriptions(store);
    const { url } = await startTestServer({ aggregates, store: subscriptions.store, clock });
    await call(`${url}/api/note`, 'GET');
    const before = { timers: clock.timers, open: subscriptions.open() };
    const future = toToken(toStreamName('note', 'n1'), { revision: 7n, eventId: randomUUID() });
    const { hostname, port } = new URL(url);
    const client = connect(Number(port), hostname);
    client.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAt-Least: ${future}\r\n\r\n`);
    await until(() => clock.timers > before.timers && subscriptions.open() > before.open, {
      describe: 'a read that waits',
    });
    client.destroy();
    await until(() => clock.timers === before.timers && subscriptions.open() === before.open, {
      describe: 'the end of its wait',
    });
  });

  test('[HTT9] a state that will not come is waited for, and one that is there already is not', async () => {
    const http = await startServer({});
    const token = await put(http, '/api/note/n1', { title: 'Plan' });
    await put(http, '/api/task/t1', { name: 'Do' });
    const future = toToken(toStreamName('note', 'n1'), { revision: 7n, eventId: randomUUID() });
    const now = { Prefer: 'wait=0' };
    const never = await http('GET', path, atLeast([future], now));
    expect(never.status).toBe(503);
    expect(never.headers.get('Preference-Applied')).toBe('wait=0');
    await until(async () => (await http('GET', path, atLeast([token], now))).status === 200, {
      describe: 'an answer without waiting',
    });
  });

  test('[HTT9] a token of another history is 412', async () => {
    const http = await startServer({});
    await put(http, '/api/note/n1', { title: 'Plan' });
    const other = toToken(toStreamName('note', 'n1'), { revision: 0n, eventId: randomUUID() });
    const read = await http('GET', path, atLeast([other]));
    expect(read).toMatchObject({
      status: 412,
      json: { type: 'urn:weft:problem:precondition-failed', detail: /history/ },
    });
  });

  test('[HTT9] a token of an erased stream is 412', async () => {
    const store = createInMemoryEventStore();
    const http = await startServer({ store });
    const token = await put(http, '/api/task/t9', { name: 'Do' });
    await store.tombstone(toStreamName('task', 't9'));
    expect((await http('GET', path, atLeast([token]))).status).toBe(412);
  });

  const point = { revision: 0n, eventId: randomUUID() };
  test.each([
    ['none', 'nonsense', 'malformed-token'],
    ['nothing', '', 'malformed-token'],
    ['with a character of no token', 'A%', 'malformed-token'],
    ['of an unknown type', toToken(toStreamName('nope', 'n1'), point), 'malformed-token'],
    ['of a text', toToken(toStreamName('note.body', 'n1'), point), 'malformed-token'],
    ['of an id that no note can have', toToken(toStreamName('note', ' '), point), 'malformed-token'],
    ['of a stream without an id', toToken('notes' as StreamName, point), 'malformed-token'],
    ['beside an empty one', `${toToken(toStreamName('note', 'n1'), point)},`, 'malformed-token'],
    [
      'one of too many',
      Array.from({ length: 33 }, () => toToken(toStreamName('note', 'n1'), point)).join(),
      'malformed-request',
    ],
  ])('[HTT9] [TOK2] a token that is %s is refused', async (_what, header, code) => {
    const http = await startServer({});
    await put(http, '/api/note/n1', { title: 'Plan' });
    const read = await http('GET', path, { headers: { 'At-Least': header } });
    expect(read).toMatchObject({ status: 400, json: { type: `urn:weft:problem:${code}` } });
  });

  test('[HTT9] [HTT2] what is at least as new and known already is 304', async () => {
    const { follower, here, there, isWaiting } = await startTwo();
    await put(here, '/api/note/n1', { title: 'Plan' });
    await put(here, '/api/task/t1', { name: 'Do' });
    const settled = await until(
      async () => {
        const answer = await there('GET', path);
        return answer.text.includes('Plan') && answer;
      },
      { describe: 'the note' },
    );
    await follower.hold();
    const patched = await here('PATCH', '/api/note/n1', { body: { title: 'Newer' } });
    const known = { 'If-None-Match': settled.headers.get('ETag') ?? '' };
    expect((await there('GET', path, { headers: known })).status).toBe(304);
    const reading = there('GET', path, atLeast([patched.json?.token], known));
    await isWaiting();
    follower.release();
    const read = await reading;
    expect(read.status).toBe(200);
    const newest = { 'If-None-Match': read.headers.get('ETag') ?? '' };
    expect((await there('GET', path, atLeast([patched.json?.token], newest))).status).toBe(304);
  });

  test('[HTT2] carries a strong ETag, and is 304 to whoever has it', async () => {
    const http = await startServer({});
    await put(http, '/api/note/n1', { title: 'Plan' });
    const token = await put(http, '/api/task/t1', { name: 'Do' });
    const read = await http('GET', path, atLeast([token]));
    const etag = read.headers.get('ETag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    for (const header of [etag, `W/${etag}`, '*', ` ${etag} `, `"a", ${etag}`, `"a,b",W/"",${etag},"c"`]) {
      const known = await http('GET', path, { headers: { 'If-None-Match': header } });
      expect([header, known.status, known.text, known.headers.get('ETag')]).toEqual([header, 304, '', etag]);
      expect(known.headers.get('Cache-Control')).toBe('no-cache');
    }
    for (const header of ['""', '"a"', etag.slice(1, -1), `"a,${etag.slice(1, -1)},b"`, '"*"', '']) {
      const unknown = await http('GET', path, { headers: { 'If-None-Match': header } });
      expect([header, unknown.status, unknown.text]).toEqual([header, 200, read.text]);
    }
    const { json } = await http('PATCH', '/api/note/n1', { body: { title: 'Newer' } });
    const changed = await http('GET', path, atLeast([json?.token], { 'If-None-Match': etag }));
    expect(changed.status).toBe(200);
    expect(changed.headers.get('ETag')).not.toBe(etag);
  });

  test('[HTT1] [HTT2] HEAD answers like GET, without a body', async () => {
    const { url } = await startTestServer({ aggregates });
    const http: Http = (method, at, request) => call(url + at, method, request);
    const token = await put(http, '/api/note/n1', { title: 'Plan' });
    const get = await http('GET', path, atLeast([token]));
    const head = await fetch(url + path, { headers: { 'At-Least': token }, method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['ETag', 'Content-Type', 'Content-Length', 'Cache-Control']) {
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    }
    const known = { 'If-None-Match': head.headers.get('ETag') ?? '' };
    expect((await fetch(url + path, { headers: known, method: 'HEAD' })).status).toBe(304);
  });
});

test('[HTT9] the list has what was written through the same server', async () => {
  const follower = createFollowerStore(createInMemoryEventStore(), { behind: 'subscriptions' });
  const http = await startServer({ store: follower });
  expect(toIds(await http('GET', '/api/note'))).toEqual([]);
  await follower.hold();
  const token = await put(http, '/api/note/n1', { title: 'Plan' });
  await until(() => follower.held > 0, { describe: 'the event on its way to the list' });
  expect(toIds(await http('GET', '/api/note'))).toEqual([]);
  expect((await http('GET', '/api/note', atLeast([token], { Prefer: 'wait=0' }))).status).toBe(503);

  const reading = http('GET', '/api/note', atLeast([token], { Prefer: 'wait=30' }));
  follower.release();
  expect(toIds(await reading)).toEqual(['n1']);
});

test('[HTT9] a list that is still being built at start is waited for no longer than that', async () => {
  const store = createInMemoryEventStore();
  const first = await startServer({ store });
  const follower = createFollowerStore(store, { behind: 'subscriptions' });
  const token = await put(first, '/api/note/n1', { title: 'Plan' });
  await follower.hold();
  await put(first, '/api/note/n2', { title: 'Plan' });
  const clock = createManualClock();
  const second = await startServer({ store: follower, clock });
  await until(() => follower.held > 0, { describe: 'the list on its way' });
  const idleTimers = clock.timers;
  const reading = second('GET', '/api/note', atLeast([token]));
  await until(() => clock.timers > idleTimers, { describe: 'a read that waits' });
  clock.advance(2_000);
  expect((await reading).status).toBe(503);
  follower.release();
  expect(toIds(await second('GET', '/api/note', atLeast([token])))).toEqual(['n2', 'n1']);
});

test('[HTT6] [HTT9] a store that fails while a read waits is 503', async () => {
  const inner = createInMemoryEventStore();
  const fail: ((error: Error) => void)[] = [];
  const store: EventStore = {
    ...inner,
    subscribeToStream: (stream, after, handlers) => {
      fail.push(handlers.onError);
      return inner.subscribeToStream(stream, after, handlers);
    },
  };
  const http = await startServer({ store });
  const future = toToken(toStreamName('note', 'n1'), { revision: 7n, eventId: randomUUID() });
  const reading = http('GET', '/api/note/n1', atLeast([future], { Prefer: 'wait=30' }));
  await until(() => fail.length > 0, { describe: 'a read that waits' });
  await inner.close();
  expect(await reading).toMatchObject({ status: 503, json: { type: 'urn:weft:problem:unavailable' } });
});

describe('several aggregates at once', () => {
  let http: Http;
  let tokens: { readonly n1: string; readonly t1: string };

  beforeEach(async () => {
    http = await startServer({});
    tokens = {
      n1: await put(http, '/api/note/n1', { title: 'Plan' }),
      t1: await put(http, '/api/task/t1', { name: 'Do' }),
    };
    await put(http, '/api/note/gone', { title: 'Old' });
    await http('DELETE', '/api/note/gone');
  });

  test('[HTT8] come in the order asked, each with its token or with why it is not there', async () => {
    const { status, json } = await http('GET', '/api?of=task/t1&of=note/n9&of=note%2Fgone&of=note/n1');
    expect(status).toBe(200);
    expect(json).toEqual({
      items: [
        { type: 'task', id: 't1', status: 'existing', fields: { name: 'Do' }, token: tokens.t1 },
        { type: 'note', id: 'n9', status: 'missing' },
        { type: 'note', id: 'gone', status: 'deleted' },
        {
          type: 'note',
          id: 'n1',
          status: 'existing',
          fields: expect.objectContaining({ title: 'Plan' }) as unknown,
          token: tokens.n1,
        },
      ],
    });
  });

  test('[HTT8] give the tokens of one write that depends on them all', async () => {
    const { json } = await http('GET', '/api?of=note/n1&of=task/t1');
    const sent = (json?.items as { token: ConsistencyToken }[]).map(({ token }) => token).join(', ');
    const headers = { 'Consistency-Token': sent };
    await http('PATCH', '/api/task/t1', { body: { name: 'Other' } });
    const conflict = await http('PATCH', '/api/note/n1', { body: { title: 'Mine' }, headers });
    expect(conflict.status).toBe(409);
    expect(conflict.json?.conflicts).toMatchObject([{ field: 'name', of: { aggregate: 'task', id: 't1' } }]);
    const again = await http('GET', '/api?of=note/n1&of=task/t1');
    const newest = (again.json?.items as { token: ConsistencyToken }[]).map(({ token }) => token).join(', ');
    const patched = await http('PATCH', '/api/note/n1', {
      body: { title: 'Mine' },
      headers: { 'Consistency-Token': newest },
    });
    expect(patched.status).toBe(200);
  });

  test('[HTT8] [HTT2] have another ETag in another order, of other ids and when one comes or goes', async () => {
    const read = async (path: string) => (await http('GET', path)).headers.get('ETag');
    const etags = [
      await read('/api?of=note/n1&of=task/t1'),
      await read('/api?of=task/t1&of=note/n1'),
      await read('/api?of=note/n1'),
      await read('/api?of=note/n9'),
      await read('/api?of=note/n8'),
      await read('/api?of=note/gone'),
      await read('/api?of=task/gone'),
      await read('/api?of=note/later'),
      await read('/api?of=task/later'),
    ];
    await http('DELETE', '/api/note/n1');
    etags.push(await read('/api?of=note/n1'));
    await put(http, '/api/note/n9', { title: 'New' });
    etags.push(await read('/api?of=note/n9'));
    await put(http, '/api/note/later', { title: 'New' });
    await http('DELETE', '/api/note/later');
    etags.push(await read('/api?of=note/later'));
    expect(new Set(etags).size).toBe(etags.length);
  });

  const hundred = Array.from({ length: 100 }, (_, index) => `of=note/n${index}`).join('&');

  test('[HTT8] are up to a hundred', async () => {
    const { status, json } = await http('GET', `/api?${hundred}`);
    expect(status).toBe(200);
    expect(json?.items).toHaveLength(100);
  });

  test.each([
    ['none', '', 400, 'malformed-request'],
    ['too many', `?${hundred}&of=note/n100`, 400, 'malformed-request'],
    ['far too many', `?${'of=n/n&'.repeat(1_500)}`, 400, 'malformed-request'],
    ['another parameter', '?of=note/n1&texts=true', 400, 'malformed-request'],
    ['a parameter of a list', '?of[]=note/n1', 400, 'malformed-request'],
    ['a parameter of an object', '?of[a]=note/n1', 400, 'malformed-request'],
    ['__proto__', '?__proto__=note/n1', 400, 'malformed-request'],
    ['an empty entry', '?of=', 400, 'malformed-request'],
    ['an entry without an id', '?of=note', 400, 'malformed-request'],
    ['an entry with an empty id', '?of=note/', 400, 'malformed-request'],
    ['an entry without a type', '?of=/n1', 400, 'malformed-request'],
    ['an entry with a path behind', '?of=note/n1/texts', 400, 'malformed-request'],
    ['a list in one entry', '?of=note/n1,task/t1', 400, 'malformed-request'],
    ['an id that no note can have', '?of=note/%20', 400, 'malformed-request'],
    ['a percent sign', '?of=note/%', 400, 'malformed-request'],
    ['one malformed of two', '?of=note/n1&of=note', 400, 'malformed-request'],
    ['an unknown type', '?of=note/n1&of=nope/n1', 404, 'unknown-aggregate'],
    ['a type of every object', '?of=constructor/n1', 404, 'unknown-aggregate'],
  ])('[HTT8] [HTT3] that are %s are refused', async (_what, query, status, code) => {
    const answer = await http('GET', `/api${query}`);
    expect(answer).toMatchObject({ status, json: { type: `urn:weft:problem:${code}` } });
  });

  test('[HTT8] say which entry is malformed, and which type is unknown', async () => {
    expect((await http('GET', '/api?of=note/n1&of=note')).json?.detail).toContain('number 2');
    expect((await http('GET', '/api?of=note/n1&of=nope/n1')).json?.detail).toContain("'nope'");
  });

  test('[HTT5] are read only', async () => {
    const answer = await http('POST', '/api?of=note/n1', { body: {} });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('Allow')).toBe('GET, HEAD');
  });
});

test('[HTT2] a list has another ETag when one of it changes, comes, goes or another type is asked', async () => {
  const http = await startServer({});
  const etags: (string | null)[] = [];
  const read = async (path: string, token?: unknown) => {
    const answer = await http('GET', path, token === undefined ? {} : atLeast([token]));
    etags.push(answer.headers.get('ETag'));
  };
  await read('/api/note');
  await read('/api/task');
  await read('/api/note', await put(http, '/api/note/n1', { title: 'Plan' }));
  await read('/api/note', await put(http, '/api/note/n2', { title: 'Plan' }));
  await read('/api/note', (await http('PATCH', '/api/note/n1', { body: { title: 'A' } })).json?.token);
  await http('DELETE', '/api/note/n1');
  await until(async () => toIds(await http('GET', '/api/note')).length === 1, { describe: 'the deletion' });
  await read('/api/note');
  expect(new Set(etags).size).toBe(etags.length);
});

test('[HTT8] a list carries a token for each, which a write takes', async () => {
  const http = await startServer({});
  const n1 = await put(http, '/api/note/n1', { title: 'Plan' });
  const n2 = await put(http, '/api/note/n2', { title: 'Plan' });
  const { json } = await http('GET', '/api/note', atLeast([n2]));
  expect(json?.items).toMatchObject([
    { id: 'n2', token: n2 },
    { id: 'n1', token: n1 },
  ]);
});

test('[HTT9] a deleted note is 410 also to whoever asks for its last state', async () => {
  const http = await startServer({});
  const token = await put(http, '/api/note/n1', { title: 'Plan' });
  await http('DELETE', '/api/note/n1');
  expect((await http('GET', '/api/note/n1', atLeast([token]))).status).toBe(410);
});

/** Counts the subscriptions to streams that are open. */
function countSubscriptions(inner: EventStore): { readonly store: EventStore; readonly open: () => number } {
  let open = 0;
  const store: EventStore = {
    ...inner,
    subscribeToStream: (stream, after, handlers) => {
      const subscription = inner.subscribeToStream(stream, after, handlers);
      open += 1;
      return {
        stop: () => {
          open -= 1;
          subscription.stop();
        },
      };
    },
  };
  return { store, open: () => open };
}
