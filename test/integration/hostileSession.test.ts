import { MAX_JSON_BYTES, MAX_JSON_DEPTH } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { openGreetedSession, openRawSession } from '../support/rawSession.ts';
import { startWatchedServer } from '../support/watchedServer.ts';

const n1 = { aggregate: 'note', id: 'n1' };

/** A command of a note as text, so that it may be what JSON.stringify would not write. */
const commandText = (command: string, key = '"k1"') =>
  `{"type":"command","key":${key},"aggregate":"note","id":"n1","command":${command}}`;

const changeText = (patch: string) => commandText(`{"kind":"change","patch":${patch}}`);

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test.each<[string, string]>([
  ['nothing', ''],
  ['a blank', ' '],
  ['no JSON', 'hello'],
  ['a list', '[]'],
  ['a list of messages', `[${changeText('{"title":"x"}')}]`],
  ['null', 'null'],
  ['a number', '1'],
  ['a string', '"ping"'],
  ['two messages', '{"type":"ping"}{"type":"ping"}'],
  ['an unknown message', '{"type":"nonsense"}'],
  ['a message of the server', '{"type":"pong"}'],
  ['a message named constructor', '{"type":"constructor"}'],
  ['a message named __proto__', '{"type":"__proto__"}'],
  ['a list as its type', '{"type":["ping"]}'],
  ['a __proto__ key', '{"type":"ping","__proto__":{"type":"command"}}'],
  ['a key twice', '{"type":"ping","type":"ping"}'],
  ['a patch with a __proto__ key', changeText('{"__proto__":{"title":"x"}}')],
  ['a patch with constructor.prototype', changeText('{"constructor":{"prototype":{"title":"x"}}}')],
  ['a patch with a key twice', changeText('{"title":"x","title":"y"}')],
  ['a patch with a backslash in a key', changeText('{"\\\\":1}')],
  ['a patch with NaN', changeText('{"priority":NaN}')],
  ['a patch with 1e400', changeText('{"priority":1e400}')],
  ['a patch that is too deep', changeText(`{"title":${nested(MAX_JSON_DEPTH)}}`)],
  ['a patch that is a list', changeText('[{"title":"x"}]')],
  ['a patch that is a string', changeText('"title"')],
  ['a patch that is a number', changeText('1')],
  ['a patch that is null', changeText('null')],
  ['no patch', commandText('{"kind":"change"}')],
  ['no fields to create', commandText('{"kind":"create"}')],
  ['an unknown command', commandText('{"kind":"constructor"}')],
  ['a command that is null', commandText('null')],
  ['a command that is a list', commandText('[]')],
  ['a token that is no base64url', commandText('{"kind":"delete","token":"a+b="}')],
  ['a token that is empty', commandText('{"kind":"delete","token":""}')],
  ['a token that is null', commandText('{"kind":"delete","token":null}')],
  ['a token of 401 characters', commandText(`{"kind":"delete","token":"${'A'.repeat(401)}"}`)],
  ['a token of 64 KiB', commandText(`{"kind":"delete","token":"${'A'.repeat(64 * 1024)}"}`)],
  ['seen values that are a list', commandText('{"kind":"delete","seen":[]}')],
  ['no key', commandText('{"kind":"delete"}', 'null')],
  ['an empty key', commandText('{"kind":"delete"}', '""')],
  ['a blank key', commandText('{"kind":"delete"}', '" "')],
  ['a key with a space', commandText('{"kind":"delete"}', '"a b"')],
  ['a key that is no ASCII', commandText('{"kind":"delete"}', '"é"')],
  ['a key with a NUL', commandText('{"kind":"delete"}', '"a\\u0000"')],
  ['a key of 129 characters', commandText('{"kind":"delete"}', `"${'k'.repeat(129)}"`)],
  ['a key that is a number', commandText('{"kind":"delete"}', '1')],
  ['a channel 0', '{"type":"open-text","channel":0,"aggregate":"note","id":"n1","field":"body"}'],
  ['a channel 1.5', '{"type":"open-text","channel":1.5,"aggregate":"note","id":"n1","field":"body"}'],
  ['a channel 1e300', '{"type":"open-text","channel":1e300,"aggregate":"note","id":"n1","field":"body"}'],
  ['a run of brackets', '['.repeat(250_000)],
])('[SES6] [CMD10] %s closes the session as invalid', async (_name, text) => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  const code = await leavesAllAsItWas(async () => {
    const session = await openGreetedSession(server.url);
    session.send(text);
    return session.closed();
  });
  expect(code).toBe(4400);
});

test('[SES6] [CMD10] a message of exactly the limit is read, and one byte more closes the session as too big', async () => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  const around = changeText('{"title":""}').length;
  const messageOf = (bytes: number) => changeText(`{"title":"${'x'.repeat(bytes - around)}"}`);
  await leavesAllAsItWas(async () => {
    const session = await openGreetedSession(server.url);
    session.send(messageOf(MAX_JSON_BYTES));
    expect((await session.next('outcome')).outcome).toMatchObject({ code: 'invalid-fields' });
    session.send(messageOf(MAX_JSON_BYTES + 1));
    expect(await session.closed()).toBe(4413);
  });
});

test('[SES6] [CMD10] text that is no UTF-8 closes the session', async () => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  const code = await leavesAllAsItWas(async () => {
    const session = await openGreetedSession(server.url);
    session.socket.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false });
    return session.closed();
  });
  // WebSocket itself says so (RFC 6455, 7.4.1).
  expect(code).toBe(1007);
});

test.each<[string, object, object]>([
  ['an unknown field', { kind: 'change', patch: { titel: 'x' } }, { code: 'invalid-fields' }],
  ['a field named constructor', { kind: 'change', patch: { constructor: 'x' } }, { code: 'invalid-fields' }],
  ['a field named body', { kind: 'change', patch: { body: 'x' } }, { code: 'invalid-fields' }],
  ['a wrong type', { kind: 'change', patch: { title: 3 } }, { code: 'invalid-fields' }],
  ['null where none may be', { kind: 'change', patch: { title: null } }, { code: 'invalid-fields' }],
  ['a huge integer', { kind: 'change', patch: { priority: 1e30 } }, { code: 'invalid-fields' }],
  ['2^53 + 1', { kind: 'change', patch: { priority: 2 ** 53 + 2 } }, { code: 'invalid-fields' }],
  [
    'one wrong among right ones',
    { kind: 'change', patch: { title: 'x', end: 1 } },
    { code: 'invalid-fields' },
  ],
  ['fields that exist', { kind: 'create', fields: { title: 'x' } }, { code: 'already-exists' }],
  ['a token of zeros', { kind: 'change', patch: { title: 'x' }, token: 'AAAA' }, { code: 'malformed-token' }],
  ['a deletion with a token of ones', { kind: 'delete', token: '____' }, { code: 'malformed-token' }],
])('[SES4] [CMD10] a command with %s is answered with what is wrong', async (_name, command, expected) => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  const { outcome } = await leavesAllAsItWas(async () => {
    const session = await openGreetedSession(server.url);
    session.send({ type: 'command', key: 'k1', ...n1, command });
    return session.next('outcome');
  });
  expect(outcome).toMatchObject({ outcome: 'rejected', ...expected });
});

test('[SES4] [TOK2] [CMD10] tokens that are cut, of another note or of the future are answered', async () => {
  const { server, http, token, leavesAllAsItWas } = await startWatchedServer();
  const other = await http('PUT', '/api/note/n2', { body: { title: 'Other' } });
  const elsewhere = await startWatchedServer();
  const later = await elsewhere.http('PATCH', '/api/note/n1', { body: { title: 'Later' } });
  const tokens = [token.slice(0, -1), `${token}A`, String(other.json?.token), String(later.json?.token)];
  await leavesAllAsItWas(async () => {
    const session = await openGreetedSession(server.url);
    for (const [index, given] of tokens.entries()) {
      const key = `k${index}`;
      const command = { kind: 'change', patch: { title: 'x' }, token: given };
      session.send({ type: 'command', key, ...n1, command });
      const { outcome } = await session.next('outcome', (message) => message.key === key);
      expect({ index, outcome }).toMatchObject({ index, outcome: { code: 'malformed-token' } });
    }
  });
});

test('[SES4] [CMD7] [CMD10] a key that was used for another command is refused', async () => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  const session = await openGreetedSession(server.url);
  const send = (patch: object) =>
    session.send({ type: 'command', key: 'k1', ...n1, command: { kind: 'change', patch } });
  send({ title: 'Mine' });
  const first = await session.next('outcome');
  const outcomes = () => session.messages.filter(({ type }) => type === 'outcome');
  await leavesAllAsItWas(async () => {
    send({ title: 'Mine' });
    send({ title: 'Other' });
    await expect.poll(outcomes).toHaveLength(3);
  });
  expect(outcomes()[1]).toEqual(first);
  expect(outcomes()[2]).toMatchObject({ outcome: { code: 'idempotency-key-reused' } });
});

test('[TOK12] [TOK14] values that nobody can have seen stop only their own writer', async () => {
  const { server, http, token, leavesAllAsItWas } = await startWatchedServer();
  const command = (seen: object) => ({ kind: 'change', patch: { title: 'Mine' }, token, seen });
  await leavesAllAsItWas(async () => {
    const session = await openGreetedSession(server.url);
    for (const [index, title] of ['Never', 'plan', 'x'.repeat(200)].entries()) {
      const key = `k${index}`;
      session.send({ type: 'command', key, ...n1, command: command({ title }) });
      const { outcome } = await session.next('outcome', (message) => message.key === key);
      expect(outcome).toMatchObject({ outcome: 'conflict', conflicts: [{ field: 'title', is: 'Plan' }] });
    }
  });
  expect((await http('GET', '/api/note/n1')).json).toMatchObject({ fields: { title: 'Plan' } });
});

test('[TOK12] [CMD10] a set that was seen as a number, null, an object or a string ends no session', async () => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    const session = await openGreetedSession(server.url);
    for (const [index, tags] of [3, null, {}, 'a'].entries()) {
      const key = `k${index}`;
      const command = { kind: 'change', patch: { tags: ['b'] }, seen: { tags } };
      session.send({ type: 'command', key, aggregate: 'note', id: 'n1', command });
      const { outcome } = await session.next('outcome', (message) => message.key === key);
      expect(outcome).toMatchObject({ outcome: 'rejected', code: 'invalid-fields' });
    }
  });
});

test('[SES6] what a message has besides is passed over', async () => {
  const { server } = await startWatchedServer();
  const session = await openGreetedSession(server.url);
  session.send('{"type":"ping","more":{"deep":[1]},"constructor":1,"toString":"x"}');
  await session.next('pong');
});

const COMMANDS = 10_000;

test('[SES4] ten thousand commands in one burst are each answered once, in order, and none is lost', async () => {
  const { server, http, readEvents } = await startWatchedServer();
  const session = await openGreetedSession(server.url);
  for (let index = 0; index < COMMANDS; index++) {
    const command = { kind: 'change', patch: { title: `Title ${index}` } };
    session.send({ type: 'command', key: `key-${index}`, ...n1, command });
  }
  // Somebody else is served meanwhile.
  expect((await http('PUT', '/api/note/n2', { body: { title: 'Other' } })).status).toBe(201);
  await session.next('outcome', ({ key }) => key === `key-${COMMANDS - 1}`);
  session.send({ type: 'ping' });
  await session.next('pong');
  const answers = session.messages.filter((message) => message.type === 'outcome');
  expect(answers.map(({ key }) => key)).toEqual(
    Array.from({ length: COMMANDS }, (_, index) => `key-${index}`),
  );
  expect(answers.filter(({ outcome }) => outcome.outcome !== 'accepted')).toEqual([]);
  const changes = (await readEvents()).filter(
    ({ stream, type }) => stream === 'note-n1' && type === 'NoteChanged',
  );
  expect(changes.map(({ metadata }) => metadata.idempotencyKey)).toEqual(answers.map(({ key }) => key));
});

test('[SES1] [CMD10] a command before the hello is refused as out of turn', async () => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  const code = await leavesAllAsItWas(async () => {
    const session = await openRawSession(server.url);
    session.send(changeText('{"title":"x"}'));
    session.send({ type: 'hello', protocolVersion: 1 });
    return session.closed();
  });
  expect(code).toBe(4400);
});
