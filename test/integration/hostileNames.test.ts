import { expect, test } from 'vitest';
import { call } from '../support/httpClient.ts';
import type { RawAnswer } from '../support/rawHttp.ts';
import { openGreetedSession } from '../support/rawSession.ts';
import { openStockSocket } from '../support/stockSocket.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { startWatchedServer } from '../support/watchedServer.ts';

const JSON_TYPE = [['Content-Type', 'application/json']] as const;

/** What a parser of HTTP refuses has no problem document. */
const NONE = undefined;

type Row = readonly [name: string, written: string, status: number, problem: string | undefined];

function expectRefusal(answer: RawAnswer, status: number, problem: string | undefined): void {
  expect({ status: answer.status, problem: answer.problem }).toEqual({ status, problem });
  expect(answer.text).not.toMatch(/\bat .*\.(ts|js):/);
}

// The path is sent as it is: fetch would resolve the dots.
const ids: readonly Row[] = [
  ['no id', '', 405, 'method-not-allowed'],
  ['a blank', '%20', 404, 'not-found'],
  ['a tab', '%09', 404, 'not-found'],
  ['a NUL', '%00', 404, 'not-found'],
  ['a NUL at the end', 'n1%00', 404, 'not-found'],
  ['a NUL as it is', 'n1\0', 400, NONE],
  ['a line feed', 'n1%0a', 404, 'not-found'],
  ['a space behind', 'n1%20', 404, 'not-found'],
  ['a dot', '.', 404, 'not-found'],
  ['two dots', '..', 404, 'not-found'],
  ['dots and a slash', '../note/n1', 404, 'not-found'],
  ['dots and an encoded slash', '..%2fn1', 404, 'not-found'],
  ['encoded dots', '%2e%2e', 404, 'not-found'],
  ['twice encoded dots', '%252e%252e', 404, 'not-found'],
  ['an encoded slash', 'n1%2f', 404, 'not-found'],
  ['a backslash', '..%5cn1', 404, 'not-found'],
  ['__proto__', '__proto__', 404, 'not-found'],
  ['a percent sign', '%', 400, 'malformed-request'],
  ['what is no UTF-8', '%ff', 400, 'malformed-request'],
  ['an overlong dot', '%c0%ae', 400, 'malformed-request'],
  ['129 characters', 'a'.repeat(129), 404, 'not-found'],
  ['8 KiB', 'a'.repeat(8 * 1024), 404, 'not-found'],
  ['64 KiB', 'a'.repeat(64 * 1024), 431, NONE],
  ['é in one', '%C3%A9', 404, 'not-found'],
  ['é in two', 'e%CC%81', 404, 'not-found'],
  ['é as it is', 'é', 400, NONE],
  ['a fullwidth letter', '%EF%BD%8E1', 404, 'not-found'],
  ['a Kelvin sign', '%E2%84%AA', 404, 'not-found'],
  ['a zero-width space', 'n1%E2%80%8B', 404, 'not-found'],
  ['a direction mark', '%E2%80%AEn1', 404, 'not-found'],
];

test.each(ids)('[HTT5] [CMD10] %s is the id of no note', async (_name, id, status, problem) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    for (const method of ['PUT', 'PATCH']) {
      const answer = await raw({
        method,
        path: `/api/note/${id}`,
        headers: JSON_TYPE,
        body: '{"title":"x"}',
      });
      expectRefusal(answer, status, problem);
    }
    expectRefusal(await raw({ method: 'DELETE', path: `/api/note/${id}` }), status, problem);
  });
});

const types: readonly Row[] = [
  ['no type', '', 404, 'not-found'],
  ['a blank', '%20', 404, 'unknown-aggregate'],
  ['a NUL', 'note%00', 404, 'unknown-aggregate'],
  ['two dots', '..', 404, 'unknown-aggregate'],
  ['encoded dots', '%2e%2e', 404, 'unknown-aggregate'],
  ['a slash', 'note%2fn1', 404, 'unknown-aggregate'],
  ['__proto__', '__proto__', 404, 'unknown-aggregate'],
  ['constructor', 'constructor', 404, 'unknown-aggregate'],
  ['toString', 'toString', 404, 'unknown-aggregate'],
  ['8 KiB', 'n'.repeat(8 * 1024), 404, 'unknown-aggregate'],
  ['64 KiB', 'n'.repeat(64 * 1024), 431, NONE],
  ['a twin by case', 'Note', 404, 'unknown-aggregate'],
  ['a fullwidth twin', '%EF%BD%8Eote', 404, 'unknown-aggregate'],
  ['a twin with an accent', 'note%CC%81', 404, 'unknown-aggregate'],
  ['the stream of its texts', 'note.body', 404, 'unknown-aggregate'],
];

test.each(types)('[HTT5] [CMD10] %s is no aggregate type', async (_name, type, status, problem) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    const body = '{"title":"x"}';
    for (const method of ['PUT', 'PATCH', 'GET']) {
      const answer = await raw({ method, path: `/api/${type}/n1`, headers: JSON_TYPE, body });
      expectRefusal(answer, status, problem);
    }
  });
});

test.each([
  ['no text', '', 404],
  ['a blank', '%20', 404],
  ['a NUL', 'body%00', 404],
  ['two dots', '..', 404],
  ['encoded dots', '%2e%2e', 404],
  ['__proto__', '__proto__', 404],
  ['constructor', 'constructor', 404],
  ['a field that is no text', 'title', 404],
  ['8 KiB', 'b'.repeat(8 * 1024), 404],
  ['a twin by case', 'Body', 404],
  ['a Greek twin', 'b%CE%BFdy', 404],
  ['a twin with an accent', 'body%CC%81', 404],
])('[HTT5] [TXT14] %s is no text of a note', async (_name, field, status) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  const answer = await leavesAllAsItWas(() => raw({ method: 'GET', path: `/api/note/n1/texts/${field}` }));
  expectRefusal(answer, status, 'not-found');
});

const fieldNames: readonly (readonly [string, string])[] = [
  ['no name', ''],
  ['a blank', ' '],
  ['a NUL', 'title\0'],
  ['dots and a slash', '../title'],
  ['encoded dots', '%2e%2e'],
  ['constructor', 'constructor'],
  ['prototype', 'prototype'],
  ['toString', 'toString'],
  ['hasOwnProperty', 'hasOwnProperty'],
  ['a number', '0'],
  ['a text', 'body'],
  ['64 KiB', 'a'.repeat(64 * 1024)],
  ['a twin by case', 'Title'],
  ['a space behind', 'title '],
  ['a dotless twin', 'tıtle'],
  ['a twin with a ligature', 'tiﬂe'],
  ['a twin with an accent', 'title\u0301'],
  ['a fullwidth twin', 'ｔｉｔｌｅ'],
];

test.each(fieldNames)('[CMD3] [HTT3] %s is no field of a note', async (_name, field) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  const body = JSON.stringify({ title: 'x', [field]: 'x' });
  await leavesAllAsItWas(async () => {
    for (const request of [
      { method: 'PATCH', path: '/api/note/n1' },
      { method: 'PUT', path: '/api/note/n2' },
    ]) {
      expectRefusal(await raw({ ...request, headers: JSON_TYPE, body }), 422, 'invalid-fields');
    }
  });
});

const sessionIds = ids.filter(([, , status]) => status === 404).map(([name, id]) => [name, id] as const);

test('[SES6] [CMD10] names of nothing are answered in a session, and the session goes on', async () => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  const session = await openGreetedSession(server.url);
  const places = [
    ...sessionIds
      .map(([, id]) => ({ aggregate: 'note', id: decodeURIComponent(id) }))
      .filter(({ id }) => id.length <= 256),
    { aggregate: 'note', id: '' },
    { aggregate: 'note', id: '\ud800' },
    { aggregate: '', id: 'n1' },
    { aggregate: '__proto__', id: 'n1' },
    { aggregate: 'constructor', id: 'n1' },
    { aggregate: 'Note', id: 'n1' },
    { aggregate: 'note/n1', id: '' },
    { aggregate: 'note\0', id: 'n1' },
    { aggregate: 'ｎote', id: 'n1' },
  ];
  await leavesAllAsItWas(async () => {
    for (const [index, at] of places.entries()) {
      const key = `key-${index}`;
      const command = { kind: 'create', fields: { title: 'x' } };
      session.send({ type: 'command', key, ...at, command });
      const { outcome } = await session.next('outcome', (message) => message.key === key);
      const code = at.aggregate === 'note' ? 'not-found' : 'unknown-aggregate';
      expect({ at, outcome }).toMatchObject({ at, outcome: { outcome: 'rejected', code } });

      session.send({ type: 'subscribe', ...at });
      const { state } = await session.next(
        'state',
        ({ aggregate, id }) => aggregate === at.aggregate && id === at.id,
      );
      expect(state).toEqual({ status: 'missing' });

      session.send({ type: 'open-text', channel: index + 1, ...at, field: 'body' });
      const closed = await session.next('text-closed', ({ channel }) => channel === index + 1);
      expect(closed.code).toBe(4404);
    }
    for (const [index, field] of ['', '__proto__', 'constructor', 'Body', 'title'].entries()) {
      const channel = 1_000 + index;
      session.send({ type: 'open-text', channel, aggregate: 'note', id: 'n1', field });
      const closed = await session.next('text-closed', (message) => message.channel === channel);
      expect(closed.code).toBe(4404);
    }
    for (const aggregate of ['', '__proto__', 'constructor', 'Note']) {
      session.send({ type: 'subscribe-list', aggregate });
    }
    await session.next('error', ({ code }) => code === 'unknown-aggregate');
    session.send({ type: 'ping' });
    await session.next('pong');
  });
  expect(session.messages.filter(({ type }) => type === 'error')).toHaveLength(4);
});

test.each([
  ['an id of 64 KiB', { type: 'subscribe', aggregate: 'note', id: 'a'.repeat(64 * 1024) }],
  ['a type of 64 KiB', { type: 'subscribe', aggregate: 'a'.repeat(64 * 1024), id: 'n1' }],
  ['a list of 64 KiB', { type: 'subscribe-list', aggregate: 'a'.repeat(64 * 1024) }],
  [
    'a text of 64 KiB',
    { type: 'open-text', channel: 1, aggregate: 'note', id: 'n1', field: 'a'.repeat(64 * 1024) },
  ],
  ['a number as an id', { type: 'subscribe', aggregate: 'note', id: 1 }],
  ['null as a type', { type: 'subscribe', aggregate: null, id: 'n1' }],
  ['a list as an id', { type: 'subscribe', aggregate: 'note', id: ['n1'] }],
])('[SES6] %s closes the session', async (_name, message) => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  const code = await leavesAllAsItWas(async () => {
    const session = await openGreetedSession(server.url);
    session.send(message);
    return session.closed();
  });
  expect(code).toBe(4400);
});

test.each([
  ['/yjs/note/%2e%2e%2fn1/body', 4404],
  ['/yjs/note/n%31/body', 4404],
  ['/yjs/note/n1%00/body', 4404],
  ['/yjs/note/N1/body', 4404],
  ['/yjs/note/%C3%A9/body', 4404],
  ['/yjs/note/__proto__/body', 4404],
  ['/yjs/note/constructor/body', 4404],
  ['/yjs/constructor/n1/body', 4404],
  ['/yjs/__proto__/n1/body', 4404],
  ['/yjs/Note/n1/body', 4404],
  ['/yjs/note/n1/Body', 4404],
  ['/yjs/note/n1/constructor', 4404],
  ['/yjs/note/n1/title', 4404],
])('[TXT13] %s is no text', async (path, code) => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  expect(await leavesAllAsItWas(() => openStockSocket(server.url, path))).toEqual({ closed: code });
});

test('[TXT13] a text of an id of 8 KiB is none', async () => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  const path = `/yjs/note/${'a'.repeat(8 * 1024)}/body`;
  expect(await leavesAllAsItWas(() => openStockSocket(server.url, path))).toEqual({ closed: 4404 });
});

test.each([
  ['/yjs/note/../body', 404],
  ['/yjs/note/%2e%2e/body', 404],
  ['/yjs/note//body', 404],
  ['/yjs//note/n1/body', 404],
  ['//yjs/note/n1/body', 404],
  ['/yjs/note/n1/body/more', 404],
  ['/YJS/note/n1/body', 404],
  ['/weft/', 404],
  ['/WEFT?v=1', 404],
  ['/', 404],
])('[SES8] an upgrade to %s is refused', async (path, refused) => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  expect(await leavesAllAsItWas(() => openStockSocket(server.url, path))).toEqual({ refused });
});

test.each(['memory', 'sqlite'])(
  '[HTT1] ids that differ in case alone, or look like something else, are each a note of their own (%s)',
  async (kind) => {
    const store = kind === 'memory' ? 'memory:' : `sqlite:${await createTemporaryFolder()}/weft.db`;
    const { url } = await startTestServer({ store });
    const names = [
      'constructor',
      'Constructor',
      'toString',
      'hasOwnProperty',
      'prototype',
      'null',
      '0',
      '00',
    ];
    const ids = [...names, 'n1', 'N1', 'n1.', 'n1~', 'n1-1', 'n1_', 'body-n1', 'a'.repeat(128)];
    for (const id of ids) {
      const created = await call(`${url}/api/note/${id}`, 'PUT', { body: { title: `It is ${id}` } });
      expect({ id, status: created.status }).toEqual({ id, status: 201 });
    }
    for (const id of ids) {
      const { json } = await call(`${url}/api/note/${id}`, 'GET');
      expect(json).toMatchObject({ id, fields: { title: `It is ${id}` } });
    }
    expect((await call(`${url}/api/note/tostring`, 'GET')).status).toBe(404);
    expect((await call(`${url}/api/note/%6E1`, 'GET')).json).toMatchObject({ id: 'n1' });
  },
);
