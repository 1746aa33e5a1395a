import { MAX_JSON_BYTES, type Up } from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { createManualClock } from '../../client-sdk/src/testSupport/manualClock.ts';
import { call } from '../support/httpClient.ts';
import { openGreetedSession, openRawSession } from '../support/rawSession.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

async function setUp(options: Parameters<typeof startTestServer>[0] = {}) {
  const server = await startTestServer(options);
  const http = (method: string, path: string, body?: unknown) =>
    call(server.url + path, method, body === undefined ? {} : { body });
  await http('PUT', '/api/note/n1', { title: 'Plan' });
  return { server, http };
}

const n1 = { aggregate: 'note', id: 'n1' };
const command = (key: string, patch: Record<string, unknown>, more: object = {}) =>
  ({ type: 'command', key, ...n1, command: { kind: 'change', patch, ...more } }) as Up;

test('[SES1] the hello is answered with who one is, once', async () => {
  const { server } = await setUp();
  const session = await openGreetedSession(server.url, 'Ada');
  expect(await session.next('welcome')).toMatchObject({
    protocolVersion: 1,
    user: { id: 'Ada', name: 'Ada' },
  });
  session.send({ type: 'hello', protocolVersion: 1 });
  expect(await session.closed()).toBe(4400);
});

test('[SES1] anything before the hello closes the session', async () => {
  const { server } = await setUp();
  const talker = await openRawSession(server.url);
  talker.send({ type: 'ping' });
  expect(await talker.closed()).toBe(4400);
  const framer = await openRawSession(server.url);
  framer.sendFrame(1, { kind: 'query-awareness' });
  expect(await framer.closed()).toBe(4400);
});

test('[SES1] what comes right behind the hello is answered after it', async () => {
  const { server } = await setUp();
  const session = await openRawSession(server.url);
  session.send({ type: 'hello', protocolVersion: 1 });
  session.send({ type: 'subscribe', ...n1 });
  session.send({ type: 'ping' });
  await session.next('state');
  expect(session.messages[0]).toMatchObject({ type: 'welcome' });
});

test('[SES1] [SES9] without a hello in time the session is closed, and so is one that falls silent', async () => {
  const clock = createManualClock();
  const { server } = await setUp({ clock });
  const session = await openRawSession(server.url);
  clock.advance(10_000);
  expect(await session.closed()).toBe(4508);

  const silent = await openGreetedSession(server.url);
  silent.socket.on('ping', () => undefined);
  // A peer that is cut off answers no ping.
  silent.socket.pong = () => undefined;
  for (let waited = 0; waited <= 80_000; waited += 20_000) clock.advance(20_000);
  expect(await silent.closed()).toBe(4508);
});

test('[SES2] a version that the server does not speak is refused', async () => {
  const { server } = await setUp();
  for (const protocolVersion of [0, 2]) {
    const session = await openRawSession(server.url);
    session.send({ type: 'hello', protocolVersion });
    expect(await session.closed()).toBe(4426);
  }
  for (const query of ['', '?v=2', '?v=one']) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/weft${query}`);
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(4426);
  }
});

test('[AUT2] a session without a valid token is refused, and so is a stock socket', async () => {
  const { server } = await setUp({
    authenticate: ({ token }) =>
      Promise.resolve(
        token === 'good'
          ? { outcome: 'authenticated', user: { id: 'u', name: 'U' } }
          : { outcome: 'refused', detail: 'a token is required' },
      ),
  });
  const session = await openRawSession(server.url);
  session.send({ type: 'hello', protocolVersion: 1, token: 'bad' });
  expect(await session.closed()).toBe(4401);
  const stock = new WebSocket(`${server.url.replace('http', 'ws')}/yjs/note/n1/body?token=bad`);
  expect(await new Promise((resolve) => stock.once('close', resolve))).toBe(4401);
  expect((await call(`${server.url}/api/note/n1`, 'GET')).status).toBe(401);
});

test('[SES3] a subscription has the state, then every change with who, when and by which key', async () => {
  const { server, http } = await setUp();
  const session = await openGreetedSession(server.url, 'Ada');
  session.send({ type: 'subscribe', ...n1 });
  const { state } = await session.next('state');
  expect(state).toMatchObject({ status: 'existing', fields: { title: 'Plan' } });
  await http('PATCH', '/api/note/n1', { title: 'B' });
  session.send(command('k1', { title: 'C', status: 'done' }));
  const own = await session.next('changed', ({ key }) => key === 'k1');
  expect(own).toMatchObject({
    change: { kind: 'changed', fields: { title: 'C', status: 'done' } },
    by: { id: 'Ada' },
  });
  const titles = session.messages.flatMap((message) =>
    message.type === 'changed' && message.change.kind === 'changed' ? [message.change.fields.title] : [],
  );
  expect(titles).toEqual(['B', 'C']);

  const later = await openGreetedSession(server.url);
  later.send({ type: 'subscribe', ...n1, after: own.token });
  expect((await later.next('state')).state).toEqual({ status: 'unchanged', token: own.token });
  await http('DELETE', '/api/note/n1');
  expect(await later.next('changed')).toMatchObject({ change: { kind: 'deleted' } });
});

test('[SES3] what is not there yet is missing, then created', async () => {
  const { server, http } = await setUp();
  const session = await openGreetedSession(server.url);
  session.send({ type: 'subscribe', aggregate: 'note', id: 'n2' });
  expect((await session.next('state')).state).toEqual({ status: 'missing' });
  await http('PUT', '/api/note/n2', { title: 'New' });
  expect(await session.next('changed')).toMatchObject({
    id: 'n2',
    change: { kind: 'created', fields: { title: 'New', status: 'open' } },
  });
});

test('[SES3] after unsubscribing nothing more is told', async () => {
  const { server, http } = await setUp();
  const session = await openGreetedSession(server.url);
  session.send({ type: 'subscribe', ...n1 });
  await session.next('state');
  session.send({ type: 'unsubscribe', ...n1 });
  session.send({ type: 'ping' });
  await session.next('pong');
  await http('PATCH', '/api/note/n1', { title: 'B' });
  session.send(command('k1', { title: 'C' }));
  await session.next('outcome');
  expect(session.messages.some(({ type }) => type === 'changed')).toBe(false);
});

test('[SES3] many changes at once while subscribing arrive without gap or repeat', async () => {
  const { server } = await setUp();
  const writer = await openGreetedSession(server.url);
  const reader = await openGreetedSession(server.url);
  for (let index = 1; index <= 300; index++) {
    writer.send(command(`k${index}`, { title: `t${index}` }));
    if (index === 150) reader.send({ type: 'subscribe', ...n1 });
  }
  await writer.next('outcome', ({ key }) => key === 'k300');
  await reader.next('changed', ({ key }) => key === 'k300');
  const { state } = await reader.next('state');
  const first = state.status === 'existing' ? Number(String(state.fields.title).replace(/\D/g, '')) : NaN;
  const numbers = reader.messages.flatMap((message) =>
    message.type === 'changed' && message.change.kind === 'changed'
      ? [Number(String(message.change.fields.title).slice(1))]
      : [],
  );
  expect(numbers).toEqual(Array.from({ length: 300 - first }, (_, index) => first + 1 + index));
});

test('[SES4] an outcome carries its key, and is the one that HTTP would give', async () => {
  const { server, http } = await setUp();
  const session = await openGreetedSession(server.url, 'Ada');
  const { token } = (await http('GET', '/api/note/n1')).json as { token: string };
  await http('PATCH', '/api/note/n1', { title: 'Theirs' });
  session.send(command('k1', { title: 'Mine' }, { token }));
  expect(await session.next('outcome')).toMatchObject({
    key: 'k1',
    outcome: {
      outcome: 'conflict',
      conflicts: [{ field: 'title', was: 'Plan', is: 'Theirs', want: 'Mine' }],
    },
  });
  session.send(command('k2', { title: '' }));
  expect(await session.next('outcome', ({ key }) => key === 'k2')).toMatchObject({
    outcome: { outcome: 'rejected', code: 'invalid-fields', errors: [{ path: 'title' }] },
  });
});

test('[SES5] [TXT3] texts ride on channels, and closing one closes nothing else', async () => {
  const { server } = await setUp();
  const session = await openGreetedSession(server.url);
  session.send({ type: 'open-text', channel: 1, ...n1, field: 'body' });
  session.send({ type: 'open-text', channel: 2, ...n1, field: 'body' });
  await session.next('text-opened', ({ channel }) => channel === 2);
  await until(() => session.framesOf(2).find(({ kind }) => kind === 'sync-step-1'), {
    describe: 'the sync step 1',
  });

  const doc = new Y.Doc();
  doc.getText('body').insert(0, 'hello');
  session.sendFrame(1, { kind: 'update', update: Y.encodeStateAsUpdate(doc) });
  const saved = await until(() => session.framesOf(1).find(({ kind }) => kind === 'saved'), {
    describe: 'saved',
  });
  expect(saved).toEqual({ kind: 'saved', count: 1 });
  const shown = await until(() => session.framesOf(2).find(({ kind }) => kind === 'update'), {
    describe: 'the update',
  });
  const other = new Y.Doc();
  Y.applyUpdate(other, (shown as { update: Uint8Array }).update);
  expect(other.getText('body').toString()).toBe('hello');

  session.send({ type: 'close-text', channel: 1 });
  session.sendFrame(1, { kind: 'query-awareness' });
  session.send({ type: 'ping' });
  await session.next('pong');
  session.send({ type: 'open-text', channel: 2, ...n1, field: 'body' });
  expect(await session.closed()).toBe(4400);
});

test('[TXT13] [SES6] a text that is not there is answered with 4404, and the session goes on', async () => {
  const { server } = await setUp();
  const session = await openGreetedSession(server.url);
  const absent = [
    { ...n1, field: 'title' },
    { ...n1, field: 'constructor' },
    { aggregate: 'note', id: 'missing', field: 'body' },
    { aggregate: 'nothing', id: 'n1', field: 'body' },
  ];
  for (const [index, address] of absent.entries()) {
    session.send({ type: 'open-text', channel: index + 1, ...address });
    const closed = await session.next('text-closed', ({ channel }) => channel === index + 1);
    expect(closed.code).toBe(4404);
  }
  const stock = new WebSocket(`${server.url.replace('http', 'ws')}/yjs/note/missing/body`);
  expect(await new Promise((resolve) => stock.once('close', resolve))).toBe(4404);
});

test('[CMD5] [TXT13] a deleted note’s texts close with 4404', async () => {
  const { server, http } = await setUp();
  const session = await openGreetedSession(server.url);
  session.send({ type: 'open-text', channel: 1, ...n1, field: 'body' });
  await session.next('text-opened');
  await http('DELETE', '/api/note/n1');
  expect(await session.next('text-closed')).toMatchObject({ channel: 1, code: 4404 });
});

test.each([
  ['no JSON', '{'],
  ['a list', '[]'],
  ['an unknown type', '{"type":"shout"}'],
  ['a __proto__ key', '{"type":"ping","__proto__":{}}'],
  ['deep nesting', `{"type":"ping","x":${'['.repeat(5_000)}`],
])('[SES6] a message that is %s closes the session with 4400', async (_case, message) => {
  const { server } = await setUp();
  const session = await openGreetedSession(server.url);
  session.send(message);
  expect(await session.closed()).toBe(4400);
});

test('[SES6] a message that is too big closes the session with 4413', async () => {
  const { server } = await setUp();
  const session = await openGreetedSession(server.url);
  session.send({ type: 'ping', filler: 'x'.repeat(MAX_JSON_BYTES) });
  expect(await session.closed()).toBe(4413);
});

test('[SES6] what is not there is answered, and the session goes on', async () => {
  const { server } = await setUp();
  const session = await openGreetedSession(server.url);
  session.send({ type: 'subscribe', aggregate: 'nothing', id: 'n1' });
  expect((await session.next('state')).state).toEqual({ status: 'missing' });
  session.send({ type: 'subscribe-list', aggregate: 'nothing' });
  expect(await session.next('error')).toMatchObject({ code: 'unknown-aggregate' });
  session.send({ type: 'command', key: 'k', aggregate: 'nothing', id: 'x', command: { kind: 'delete' } });
  expect(await session.next('outcome')).toMatchObject({ outcome: { code: 'unknown-aggregate' } });
  session.send({ type: 'unsubscribe', aggregate: 'note', id: 'never' });
  session.send({ type: 'ping' });
  await session.next('pong');
});

test('[SES7] a list has what is there, newest change first, and every change after', async () => {
  const { server, http } = await setUp();
  await http('PUT', '/api/note/n2', { title: 'Second' });
  const session = await openGreetedSession(server.url);
  session.send({ type: 'subscribe-list', aggregate: 'note' });
  const { items } = await session.next('list');
  expect(items.map(({ id }) => id)).toEqual(['n2', 'n1']);
  await http('PATCH', '/api/note/n1', { title: 'Other' });
  await session.next(
    'list-changed',
    ({ change }) => change.kind === 'put' && change.item.fields.title === 'Other',
  );
  await http('DELETE', '/api/note/n2');
  await session.next('list-changed', ({ change }) => change.kind === 'removed' && change.id === 'n2');
});

test.each([
  ['a foreign origin', '/weft?v=1', 'http://evil.example', 403],
  ['an origin of null', '/yjs/note/n1/body', 'null', 403],
  ['an unknown path', '/socket', undefined, 404],
  ['a path with too much', '/yjs/note/n1/body/more', undefined, 404],
  ['a path with too little', '/yjs/note/n1', undefined, 404],
])('[SES8] an upgrade with %s is refused', async (_case, path, origin, status) => {
  const { server } = await setUp();
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, {
    ...(origin !== undefined && { origin }),
  });
  const response = await new Promise<{ statusCode?: number | undefined }>((resolve) => {
    socket.once('unexpected-response', (_request, answer) => resolve(answer));
  });
  expect(response.statusCode).toBe(status);
  socket.on('error', () => undefined).terminate();
});

test('[SES8] a listed origin and the page’s own are let in', async () => {
  const { server } = await setUp({ origins: ['https://app.example'] });
  for (const origin of ['https://app.example', server.url]) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/weft?v=1`, { origin });
    onTestFinished(() => socket.terminate());
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  }
});

test('[SES9] a session that does not read is closed at a cap, and slows nobody', async () => {
  const { server, http } = await setUp();
  const reader = await openGreetedSession(server.url);
  const lazy = await openGreetedSession(server.url);
  for (const [index, session] of [reader, lazy].entries()) {
    session.send({ type: 'open-text', channel: index + 1, ...n1, field: 'body' });
    await session.next('text-opened');
  }
  lazy.socket.pause();
  const doc = new Y.Doc();
  let sent = 0;
  doc.on('update', (update: Uint8Array) => reader.sendFrame(1, { kind: 'update', update }));
  for (; sent < 14; sent++) {
    doc.getText('body').insert(0, String(sent % 10).repeat(4_000_000));
    await until(() => reader.framesOf(1).some((frame) => frame.kind === 'saved' && frame.count > sent), {
      describe: 'saved',
    });
  }
  await expect
    .poll(async () => (await http('GET', '/metrics')).text)
    .toContain('weft_open_sockets{path="session"} 1');
});

test('[SES10] [OPS2] stopping closes every socket as unavailable, after everything accepted is stored', async () => {
  const store = createInMemoryEventStore();
  const { server } = await setUp({ store });
  const session = await openGreetedSession(server.url);
  session.send({ type: 'open-text', channel: 1, ...n1, field: 'body' });
  await session.next('text-opened');
  const doc = new Y.Doc();
  doc.getText('body').insert(0, 'last words');
  session.sendFrame(1, { kind: 'update', update: Y.encodeStateAsUpdate(doc) });
  session.send({ type: 'ping' });
  await session.next('pong');
  await server.close();
  expect(await session.closed()).toBe(4503);
  const again = await startTestServer({ store });
  expect((await call(`${again.url}/api/note/n1/texts/body`, 'GET')).text).toBe('last words');
});
