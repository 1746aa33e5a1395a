import { MAX_JSON_DEPTH } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { createManualClock } from '../../client-sdk/src/testSupport/manualClock.ts';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { call } from '../support/httpClient.ts';
import { openGreetedSession } from '../support/rawSession.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { startWatchedServer, WRITES_WITH_BODY } from '../support/watchedServer.ts';

const JSON_TYPE = ['Content-Type', 'application/json'] as const;

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test.each([
  ['nothing', ''],
  ['a blank', ' '],
  ['a list', '[{"title":"x"}]'],
  ['a string', '"title"'],
  ['a number', '1'],
  ['null', 'null'],
  ['true', 'true'],
  ['half an object', '{"title":"x"'],
  ['two objects', '{"title":"x"}{"title":"y"}'],
  ['a trailing comma', '{"title":"x",}'],
  ['a comment', '{"title":"x"/**/}'],
  ['a name without quotes', '{title:"x"}'],
  ['NaN', '{"priority":NaN}'],
  ['Infinity', '{"priority":Infinity}'],
  ['a hexadecimal number', '{"priority":0x1}'],
  ['a leading zero', '{"priority":01}'],
  ['1e400', '{"priority":1e400}'],
  ['-1e400 in a list', '{"tags":[-1e400]}'],
  ['a NUL between', '{"title":\0"x"}'],
  ['a control character in a string', '{"title":"a\nb"}'],
  ['half an escape', '{"title":"\\u00"}'],
  ['a __proto__ key', '{"title":"x","__proto__":{"priority":1}}'],
  ['an escaped __proto__ key', '{"title":"x","\\u005f_proto__":{"priority":1}}'],
  ['a nested __proto__ key', '{"tags":[{"__proto__":1}]}'],
  ['constructor.prototype', '{"constructor":{"prototype":{"priority":1}}}'],
  ['a key twice', '{"title":"x","title":"y"}'],
  ['a key twice with one value', '{"title":"x","title":"x"}'],
  ['a key twice in two spellings', '{"title":"x","\\u0074itle":"y"}'],
  ['a nested key twice', '{"tags":[{"a":1,"a":2}]}'],
  ['an unknown key twice', '{"a":1,"a":2}'],
  ['a backslash in a key', '{"\\\\":1}'],
  ['lists too deep', `{"title":${nested(MAX_JSON_DEPTH)}}`],
  ['objects too deep', `${'{"a":'.repeat(MAX_JSON_DEPTH + 1)}1${'}'.repeat(MAX_JSON_DEPTH + 1)}`],
  ['a run of opening brackets', '['.repeat(250_000)],
  ['a run of opening braces', '{"":'.repeat(60_000)],
  ['a run of backslashes', `{"title":"${'\\'.repeat(250_001)}`],
  ['a run of quotes', '"'.repeat(250_000)],
  ['a run of colons', `{"title"${':'.repeat(250_000)}`],
])('[HTT4] [CMD10] a body with %s is malformed', async (_name, body) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    for (const [method, path] of WRITES_WITH_BODY) {
      const answer = await raw({
        method,
        path,
        headers: [JSON_TYPE, ['Content-Length', length(body)]],
        body,
      });
      expect(answer).toMatchObject({ status: 400, problem: 'malformed-request' });
    }
  });
});

function length(body: string): string {
  return String(Buffer.byteLength(body));
}

const wrongValues: Readonly<Record<string, readonly string[]>> = {
  title: ['null', 'true', '3', '[]', '["x"]', '{}', '{"length":1}', '""', JSON.stringify('x'.repeat(201))],
  status: ['null', 'false', '0', '[]', '["open"]', '{}', '""', '"Open"', '"open "', '"constructor"'],
  priority: [
    ...['null', 'true', '"1"', '[]', '[1]', '{}', '-1', '5', '1.5', '4.000000000000001'],
    '9007199254740993',
    '-9007199254740993',
    `1${'0'.repeat(30)}`,
    '1e308',
    '-5e-324',
  ],
  assignee: ['true', '0', '[]', '[null]', '{}', JSON.stringify('x'.repeat(81))],
  start: ['true', '0', '[]', '{}', '""', '"today"', '"2026-02-30"', '"2026-1-1"', '"2026-01-01T00:00:00Z"'],
  end: ['true', '20260101', '[]', '{}', '""', '"0000-00-00"', '"10000-01-01"', '"2026-01-01 "'],
  tags: [
    'null',
    'true',
    '0',
    '"x"',
    '{}',
    '{"0":"x","length":1}',
    '[1]',
    '[null]',
    '[""]',
    '[["x"]]',
    JSON.stringify(['x'.repeat(41)]),
    JSON.stringify(Array.from({ length: 21 }, (_, index) => `tag ${index}`)),
  ],
};

const wrongRows = Object.entries(wrongValues).flatMap(([field, values]) =>
  values.map((value) => [field, value.length > 60 ? `${value.slice(0, 60)}…` : value, value] as const),
);

test.each(wrongRows)('[CMD3] [CMD10] %s is never %s', async (field, _shown, value) => {
  const { http, leavesAllAsItWas } = await startWatchedServer();
  const body = `{"${field}":${value}}`;
  const creation = field === 'title' ? body : `{"title":"x","${field}":${value}}`;
  await leavesAllAsItWas(async () => {
    for (const answer of [
      await http('PATCH', '/api/note/n1', { body }),
      await http('PATCH', '/api/note/n1?dry-run=true', { body }),
      await http('PATCH', '/api/note/n1', { body, headers: { Prefer: 'handling=lenient' } }),
      await http('PUT', '/api/note/n2', { body: creation }),
    ]) {
      expect(answer.status).toBe(422);
      expect(answer.json).toMatchObject({ type: 'urn:weft:problem:invalid-fields' });
      const paths = (answer.json?.errors as { path: string }[]).map(({ path }) => path.split('.')[0]);
      expect(new Set(paths)).toEqual(new Set([field]));
    }
  });
});

test('[CMD3] [CMD10] one wrong value among right ones stops them all, and each is told', async () => {
  const { http, leavesAllAsItWas } = await startWatchedServer();
  const body = { title: 'Right', status: 'wrong', priority: 9, constructor: 1 };
  const answer = await leavesAllAsItWas(() => http('PATCH', '/api/note/n1', { body }));
  expect(answer.status).toBe(422);
  expect((answer.json?.errors as { path: string }[]).map(({ path }) => path).sort()).toEqual([
    'constructor',
    'priority',
    'status',
  ]);
});

test('[CMD4] minus zero is zero', async () => {
  const { http, leavesAllAsItWas } = await startWatchedServer();
  await http('PATCH', '/api/note/n1', { body: { priority: 0 } });
  const same = await leavesAllAsItWas(() => http('PATCH', '/api/note/n1', { body: '{"priority":-0}' }));
  expect(same.json).toMatchObject({ outcome: 'accepted', changed: [] });
  await http('PATCH', '/api/note/n1', { body: { priority: 1 } });
  await http('PATCH', '/api/note/n1', { body: '{"priority":-0}' });
  expect((await http('GET', '/api/note/n1')).text).toContain('"priority":0');
});

const titles: readonly (readonly [string, string])[] = [
  ['a lone high surrogate', 'a\ud800b'],
  ['a lone low surrogate', '\udc00'],
  ['a NUL', 'a\0b'],
  ['direction marks', '\u202eabc\u202c'],
  ['a noncharacter', '\uffff\ufdd0'],
  ['a byte order mark', 'Pl\ufeffan'],
  ['control characters', '\u0001\b\u0085\u2028\u007f'],
  ['markup', '<script>alert(1)</script>'],
  ['200 characters', 'x'.repeat(200)],
  ['100 emoji, two code units each', '🎈'.repeat(100)],
  ['two spellings of é, which are kept apart', 'é e\u0301'],
];

test.each(titles)('[CMD3] a title with %s is legal, and comes back as it is', async (_name, title) => {
  const store = `sqlite:${await createTemporaryFolder()}/weft.db`;
  const server = await startTestServer({ store });
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
  const request = { body: { title }, headers: { 'Idempotency-Key': 'k1' } };
  const changed = await call(`${server.url}/api/note/n1`, 'PATCH', request);
  expect(changed.json).toMatchObject({ outcome: 'accepted', changed: ['title'], fields: { title } });
  expect((await call(`${server.url}/api/note/n1`, 'PATCH', request)).text).toBe(changed.text);
  const session = await openGreetedSession(server.url);
  session.send({ type: 'subscribe', aggregate: 'note', id: 'n1' });
  expect((await session.next('state')).state).toMatchObject({ fields: { title } });
  await server.close();
  const again = await startTestServer({ store });
  expect((await call(`${again.url}/api/note/n1`, 'GET')).json).toMatchObject({ fields: { title } });
});

test('[TOK2] [CMD10] a token that is cut anywhere is refused', async () => {
  const { http, token, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    for (let length = 0; length < token.length; length++) {
      const headers = { 'Consistency-Token': token.slice(0, length) };
      const answer = await http('PATCH', '/api/note/n1', { body: { title: 'x' }, headers });
      expect({ length, status: answer.status }).toEqual({ length, status: 400 });
      expect(answer.json).toMatchObject({ type: 'urn:weft:problem:malformed-token' });
    }
  });
});

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

test('[TOK2] [TOK9] [CMD10] a token with any bit flipped writes nothing', async () => {
  const { http, token, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    for (const forged of listFlipped(token)) {
      const headers = { 'Consistency-Token': forged };
      const { status, json } = await http('PATCH', '/api/note/n1', { body: { title: 'x' }, headers });
      // What is a token of this note all the same is of a state that never was, which is read again.
      const refusals = [
        { status: 400, type: 'urn:weft:problem:malformed-token', conflicts: undefined },
        { status: 409, type: 'urn:weft:problem:conflict', conflicts: [] },
      ];
      expect(refusals).toContainEqual({ status, type: json?.type, conflicts: json?.conflicts });
    }
  });
});

function listFlipped(token: string): string[] {
  return [...token].flatMap((character, index) =>
    [1, 2, 4, 8, 16, 32].map((bit) => {
      const flipped = ALPHABET[ALPHABET.indexOf(character) ^ bit] ?? '';
      return token.slice(0, index) + flipped + token.slice(index + 1);
    }),
  );
}

test('[TOK2] [CMD10] a token of another note is refused, also of one that differs in case alone', async () => {
  const { http, leavesAllAsItWas } = await startWatchedServer();
  const { json } = await http('PUT', '/api/note/N1', { body: { title: 'Plan' } });
  await leavesAllAsItWas(async () => {
    for (const headers of [
      { 'Consistency-Token': String(json?.token) },
      { 'If-Match': `"${String(json?.token)}"` },
    ]) {
      for (const method of ['PATCH', 'DELETE']) {
        const body = method === 'PATCH' ? { body: { title: 'x' } } : {};
        const answer = await http(method, '/api/note/n1', { ...body, headers });
        expect(answer.json).toMatchObject({ status: 400, type: 'urn:weft:problem:malformed-token' });
      }
    }
  });
});

test('[TOK2] [TOK9] [CMD10] a token of the same id on another server is of the future, or of another history', async () => {
  const { http, leavesAllAsItWas } = await startWatchedServer();
  const other = await startWatchedServer();
  const later = await other.http('PATCH', '/api/note/n1', { body: { title: 'Later' } });
  const change = (token: string) =>
    http('PATCH', '/api/note/n1', { body: { title: 'x' }, headers: { 'Consistency-Token': token } });
  await leavesAllAsItWas(async () => {
    expect((await change(String(later.json?.token))).json).toMatchObject({
      status: 400,
      type: 'urn:weft:problem:malformed-token',
    });
    expect((await change(other.token)).json).toMatchObject({ status: 409, conflicts: [] });
  });
});

test.each([
  ['no token', '', 400, 'malformed-token'],
  ['a blank', ' ', 400, 'malformed-token'],
  ['what is no base64url', 'AX+/AX==', 400, 'malformed-token'],
  ['what is no ASCII', 'AX\u00e9', 400, 'malformed-token'],
  ['a quoted token', '"AXyF"', 400, 'malformed-token'],
  ['a list of tokens', 'AXyF, AXyF', 400, 'malformed-token'],
  ['zeros', 'A'.repeat(24), 400, 'malformed-token'],
  ['ones', '_'.repeat(24), 400, 'malformed-token'],
  ['401 characters', 'A'.repeat(401), 400, 'malformed-token'],
  ['64 KiB', 'A'.repeat(64 * 1024), 431, undefined],
])('[TOK2] [CMD10] %s in place of a token is refused', async (_name, token, status, problem) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    for (const header of [
      ['Consistency-Token', token],
      ['If-Match', `"${token}"`],
    ] as const) {
      const headers = [JSON_TYPE, header];
      const answer = await raw({ method: 'PATCH', path: '/api/note/n1', headers, body: '{"title":"x"}' });
      expect(answer).toMatchObject({ status, problem });
    }
  });
});

test('[TOK2] [CMD10] of two headers with a token each must be one', async () => {
  const { raw, token, leavesAllAsItWas } = await startWatchedServer();
  const twice = [
    ['Consistency-Token', token],
    ['Consistency-Token', 'AAAA'],
  ] as const;
  const answer = await leavesAllAsItWas(() =>
    raw({ method: 'PATCH', path: '/api/note/n1', headers: [JSON_TYPE, ...twice], body: '{"title":"x"}' }),
  );
  expect(answer).toMatchObject({ status: 400, problem: 'malformed-token' });
});

test.each([
  ['nothing', ''],
  ['a blank', ' '],
  ['a space within', 'a b'],
  ['a tab within', 'a\tb'],
  ['what is no ASCII', 'caf\u00e9'],
  ['129 characters', 'k'.repeat(129)],
])('[HTT3] [CMD10] %s is no idempotency key', async (_name, key) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    for (const [method, path] of [
      ['PATCH', '/api/note/n1'],
      ['DELETE', '/api/note/n1'],
      ['PUT', '/api/note/n2'],
      ['POST', '/api/note'],
    ] as const) {
      const headers = [JSON_TYPE, ['Idempotency-Key', key]] as const;
      const answer = await raw({ method, path, headers, body: '{"title":"x"}' });
      expect(answer).toMatchObject({ status: 400, problem: 'malformed-request' });
    }
  });
});

test('[CMD7] [CMD10] a key is for one command: a repeat is answered alike, anything else refused', async () => {
  const { http, token, leavesAllAsItWas } = await startWatchedServer();
  const headers = { 'Idempotency-Key': 'k'.repeat(128) };
  const change = (body: object, more = {}) =>
    http('PATCH', '/api/note/n1', { body, headers: { ...headers, ...more } });
  const first = await change({ title: 'Mine', priority: 1 });
  await leavesAllAsItWas(async () => {
    expect((await change({ priority: 1, title: 'Mine' })).text).toBe(first.text);
    for (const answer of [
      await change({ title: 'Mine' }),
      await change({ title: 'Mine', priority: 3 }),
      await change({ title: 'Mine', priority: 1 }, { 'Consistency-Token': token }),
      await http('DELETE', '/api/note/n1', { headers }),
    ]) {
      expect(answer.json).toMatchObject({ status: 422, type: 'urn:weft:problem:idempotency-key-reused' });
    }
    const nonsense = await change({ title: { a: [1e300, -0, '\ud800', null] } });
    expect(nonsense.json).toMatchObject({ status: 422, type: 'urn:weft:problem:idempotency-key-reused' });
  });
});

test('[CMD5] [CMD10] what was deleted takes no edit, and what was edited is not deleted by who did not see it', async () => {
  const { http, token, leavesAllAsItWas } = await startWatchedServer();
  const guarded = { 'Consistency-Token': token };
  await http('PATCH', '/api/note/n1', { body: { title: 'Edited' } });
  const unseen = await leavesAllAsItWas(() => http('DELETE', '/api/note/n1', { headers: guarded }));
  expect(unseen.json).toMatchObject({
    status: 409,
    conflicts: [{ field: 'title', was: 'Plan', is: 'Edited' }],
  });
  expect((await http('DELETE', '/api/note/n1')).status).toBe(204);
  await leavesAllAsItWas(async () => {
    for (const answer of [
      await http('PATCH', '/api/note/n1', { body: { title: 'x' } }),
      await http('PATCH', '/api/note/n1', { body: { title: 'x' }, headers: guarded }),
      await http('PATCH', '/api/note/n1', { body: { title: 'x' }, headers: { 'If-Match': '*' } }),
      await http('PUT', '/api/note/n1', { body: { title: 'x' } }),
      await http('DELETE', '/api/note/n1'),
      await http('DELETE', '/api/note/n1', { headers: guarded }),
      await http('GET', '/api/note/n1/texts/body'),
    ]) {
      expect(answer.json).toMatchObject({ status: 410, type: 'urn:weft:problem:deleted' });
    }
  });
});

test('[TOK6] two who set the same value do not conflict, and one event is stored', async () => {
  const { http, token, readEvents } = await startWatchedServer();
  const request = { body: { title: 'Same', tags: ['a', 'b'] }, headers: { 'Consistency-Token': token } };
  const answers = await Promise.all([
    http('PATCH', '/api/note/n1', request),
    http('PATCH', '/api/note/n1', request),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await readEvents()).toHaveLength(2);
});

test('[TOK7] [TOK14] [CMD10] where one of two fields is stale nothing is applied, or leniently the other', async () => {
  const { http, token, leavesAllAsItWas } = await startWatchedServer();
  await http('PATCH', '/api/note/n1', { body: { title: 'Theirs' } });
  const change = (prefer: string) =>
    http('PATCH', '/api/note/n1', {
      body: { title: 'Mine', status: 'done' },
      headers: { 'Consistency-Token': token, Prefer: prefer },
    });
  await leavesAllAsItWas(async () => {
    // RFC 7240 asks to ignore a preference that is not understood.
    for (const prefer of [
      '',
      'handling',
      'handling=',
      'handling=strict',
      'handling=nonsense',
      ';;,=',
      'a="b',
    ]) {
      const answer = await change(prefer);
      expect(answer.json).toMatchObject({ status: 409, conflicts: [{ field: 'title' }] });
    }
  });
  const partial = await change('handling=lenient');
  expect(partial.json).toMatchObject({ outcome: 'partial', changed: ['status'] });
});

test.each([
  'dry-run',
  'dry-run=',
  'dry-run=yes',
  'dry-run=TRUE',
  'dry-run=1',
  'dry-run=true&dry-run=true',
  'dry-run=true&dry-run=false',
  'dry-run[]=true',
  'Dry-Run=true',
  'dryrun=true',
  'dry-run=true&x=1',
  '__proto__=1',
  'constructor=1',
  '=',
  '%00=1',
])('[HTT3] [CMD10] a write with the query ?%s is refused', async (query) => {
  const { http, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    const body = { title: 'x' };
    for (const answer of [
      await http('PATCH', `/api/note/n1?${query}`, { body }),
      await http('DELETE', `/api/note/n1?${query}`),
      await http('PUT', `/api/note/n2?${query}`, { body }),
      await http('POST', `/api/note?${query}`, { body }),
    ]) {
      expect(answer.json).toMatchObject({ status: 400, type: 'urn:weft:problem:malformed-request' });
    }
  });
});

test('[CMD8] nothing that a client says of the time is believed', async () => {
  const clock = createManualClock(Date.parse('2026-05-04T09:30:00.000Z'));
  const store = createInMemoryEventStore();
  const { server, http } = await startWatchedServer({ clock, store });
  const past = 'Fri, 31 Dec 1999 23:59:59 GMT';
  const headers = { Date: past, 'If-Unmodified-Since': past, 'Last-Modified': past };
  clock.advance(1_000);
  expect((await http('PATCH', '/api/note/n1', { body: { title: 'x' }, headers })).status).toBe(200);
  clock.advance(1_000);
  const session = await openGreetedSession(server.url);
  const command = { kind: 'change', patch: { priority: 1 }, at: '1999-12-31T23:59:59.000Z' };
  session.send({ type: 'command', key: 'k1', aggregate: 'note', id: 'n1', at: 0, command });
  expect((await session.next('outcome')).outcome).toMatchObject({ outcome: 'accepted' });
  const events = await store.readAll();
  expect(events.map(({ metadata }) => metadata.at)).toEqual([
    '2026-05-04T09:30:00.000Z',
    '2026-05-04T09:30:01.000Z',
    '2026-05-04T09:30:02.000Z',
  ]);
  expect(JSON.stringify(events.map(({ data, metadata }) => ({ data, metadata })))).not.toContain('1999');
});
