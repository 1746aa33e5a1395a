import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { MAX_JSON_BYTES } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { call } from '../support/httpClient.ts';
import type { RawRequest } from '../support/rawHttp.ts';
import { openStockSocket } from '../support/stockSocket.ts';
import { startWatchedServer, WRITES_WITH_BODY } from '../support/watchedServer.ts';

const JSON_TYPE = ['Content-Type', 'application/json'] as const;
const TITLE = '{"title":"x"}';

const patch = (headers: RawRequest['headers'], body: RawRequest['body'] = TITLE): RawRequest => ({
  method: 'PATCH',
  path: '/api/note/n1',
  ...(headers && { headers }),
  body,
});

/** What Node's parser of HTTP answers itself, before there is a request: no problem document. */
const NONE = undefined;

test.each([
  ['text/plain'],
  ['application/x-www-form-urlencoded'],
  ['multipart/form-data; boundary=x'],
  ['application/octet-stream'],
  ['application/jsonx'],
  ['text/json'],
  ['application/vnd.api+json'],
  ['application/json, text/plain'],
  ['*/*'],
  [''],
  ['application/json; charset=latin1'],
  ['application/json; charset=utf-16'],
  ['application/json; charset=nonsense'],
  ['application/json; charset='],
  ['application/json; charset="iso-8859-1"'],
  ['application/json; charset=utf-8; charset=latin1'],
  ['application/merge-patch+json; charset=utf-7'],
])('[HTT4] [CMD10] a body of type %j is refused', async (type) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    for (const [method, path] of WRITES_WITH_BODY) {
      const answer = await raw({ method, path, headers: [['Content-Type', type]], body: TITLE });
      expect(answer).toMatchObject({ status: 415, problem: 'unsupported-media-type' });
    }
  });
});

test('[HTT4] a body without a type is refused, and a creation is no merge patch', async () => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    const mergePatch = [['Content-Type', 'application/merge-patch+json']] as const;
    for (const request of [
      patch([]),
      { method: 'PUT', path: '/api/note/n2', headers: mergePatch, body: TITLE },
      { method: 'POST', path: '/api/note', headers: mergePatch, body: TITLE },
    ]) {
      expect(await raw(request)).toMatchObject({ status: 415, problem: 'unsupported-media-type' });
    }
  });
});

test.each(['application/json', 'Application/JSON ; Charset="UTF-8"', 'application/merge-patch+json'])(
  '[HTT4] a change of type %j is read',
  async (type) => {
    const { raw } = await startWatchedServer();
    expect(await raw(patch([['Content-Type', type]]))).toMatchObject({ status: 200 });
  },
);

test.each([
  ['cut UTF-8', Buffer.from([...Buffer.from('{"title":"'), 0xc3])],
  ['Latin-1', Buffer.from('{"title":"\xe9"}', 'latin1')],
  ['UTF-16', Buffer.from('\ufeff{"title":"x"}', 'utf16le')],
  [
    'an encoded surrogate',
    Buffer.from([...Buffer.from('{"title":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')]),
  ],
  ['an overlong quote', Buffer.from([...Buffer.from('{"title":"'), 0xc0, 0xa2, ...Buffer.from('"}')])],
  ['zeros', Buffer.alloc(1_000)],
])('[HTT4] [CMD10] a body of %s is malformed', async (_name, body) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  const answer = await leavesAllAsItWas(() => raw(patch([JSON_TYPE], body)));
  expect(answer).toMatchObject({ status: 400, problem: 'malformed-request' });
});

/** A JSON object of exactly so many bytes. */
function objectOf(bytes: number): string {
  const around = '{"title":""}'.length;
  return `{"title":"${'x'.repeat(bytes - around)}"}`;
}

function chunked(body: string | Uint8Array): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
}

test('[HTT4] [CMD10] a body of exactly the limit is read, and one byte more is too large', async () => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    const atLimit = objectOf(MAX_JSON_BYTES);
    const beyond = objectOf(MAX_JSON_BYTES + 1);
    const inChunks = ['Transfer-Encoding', 'chunked'] as const;
    for (const request of [patch([JSON_TYPE], atLimit), patch([JSON_TYPE, inChunks], chunked(atLimit))]) {
      expect(await raw(request)).toMatchObject({ status: 422, problem: 'invalid-fields' });
    }
    for (const request of [
      patch([JSON_TYPE], beyond),
      patch([JSON_TYPE, inChunks], chunked(beyond)),
      { ...patch([JSON_TYPE], beyond), method: 'GET' },
      { ...patch([JSON_TYPE], beyond), method: 'DELETE' },
      patch([JSON_TYPE], objectOf(4 * MAX_JSON_BYTES)),
    ]) {
      expect(await raw(request)).toMatchObject({ status: 413, problem: 'too-large' });
    }
  });
});

test.each<[string, readonly (readonly [string, string])[], string]>([
  ['a length of a gigabyte', [['Content-Length', '1000000000']], '{'],
  [
    'chunks without an end',
    [['Transfer-Encoding', 'chunked']],
    `10000\r\n${'a'.repeat(65_536)}\r\n`.repeat(5),
  ],
])('[HTT4] [CMD10] a body with %s is refused before it has come whole', async (_name, headers, body) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  const type = ['Content-Type', 'application/json'] as const;
  const request = { method: 'PATCH', path: '/api/note/n1', headers: [type, ...headers], body };
  const answer = await leavesAllAsItWas(() => raw(request));
  expect(answer).toMatchObject({ status: 413 });
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
])('[HTT4] [CMD10] a body in %s is inflated up to the limit and no further', async (coding, compress) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  const headers = [JSON_TYPE, ['Content-Encoding', coding]] as const;
  await leavesAllAsItWas(async () => {
    const bomb = compress(Buffer.alloc(64 * 1024 * 1024, ' '));
    expect(bomb.length).toBeLessThan(MAX_JSON_BYTES);
    expect(await raw(patch(headers, bomb))).toMatchObject({ status: 413, problem: 'too-large' });
    const whole = compress(TITLE);
    for (const body of [whole.subarray(0, -3), Buffer.from(TITLE), Buffer.alloc(100)]) {
      expect(await raw(patch(headers, body))).toMatchObject({ status: 400, problem: 'malformed-request' });
    }
  });
  expect(await raw(patch(headers, compress(TITLE)))).toMatchObject({ status: 200 });
});

test.each(['compress', 'gzip, gzip', 'nonsense'])(
  '[HTT4] [CMD10] a body in %j is refused',
  async (coding) => {
    const { raw, leavesAllAsItWas } = await startWatchedServer();
    const headers = [JSON_TYPE, ['Content-Encoding', coding]] as const;
    const answer = await leavesAllAsItWas(() => raw(patch(headers, gzipSync(gzipSync(TITLE)))));
    expect(answer).toMatchObject({ status: 415, problem: 'unsupported-media-type' });
  },
);

test.each<[string, RawRequest['headers'], string]>([
  ['a length that is none', [['Content-Length', 'x']], TITLE],
  ['a negative length', [['Content-Length', '-1']], TITLE],
  [
    'two lengths',
    [
      ['Content-Length', '13'],
      ['Content-Length', '2'],
    ],
    TITLE,
  ],
  [
    'a length and chunks',
    [
      ['Content-Length', '13'],
      ['Transfer-Encoding', 'chunked'],
    ],
    '0\r\n\r\n',
  ],
  ['a chunk of no length', [['Transfer-Encoding', 'chunked']], 'zz\r\n{}\r\n0\r\n\r\n'],
  ['a header without a colon', [['Content-Length: 13\r\nnonsense\r\nX', '1']], TITLE],
  ['a NUL in a header', [['X', 'a\0b']], TITLE],
  ['a line feed in a header', [['X', 'a\nb']], TITLE],
  ['a space before the colon', [['Content-Length ', '13']], TITLE],
])('[HTT6] [CMD10] a request with %s is refused', async (_name, headers, body) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  const answer = await leavesAllAsItWas(() => raw(patch([JSON_TYPE, ...(headers ?? [])], body)));
  expect(answer).toMatchObject({ status: 400, problem: NONE, text: '' });
});

test('[HTT6] [CMD10] what follows a body that is longer than its length is no part of it', async () => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  const headers = [JSON_TYPE, ['Content-Length', '2'], ['Connection', 'keep-alive']] as const;
  const answer = await leavesAllAsItWas(() => raw(patch(headers, `{}${TITLE}`)));
  expect(answer.status).toBe(400);
});

test('[HTT6] [CMD10] a body that ends before its length is not applied, and stops nobody else meanwhile', async () => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const { hostname, port } = new URL(server.url);
  await leavesAllAsItWas(async () => {
    const socket = connect(Number(port), hostname);
    socket.on('close', () => resolve(undefined));
    socket.write(
      `PATCH /api/note/n1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n${TITLE}`,
    );
    const other = await call(`${server.url}/api/note/n1`, 'GET');
    expect(other.status).toBe(200);
    socket.end();
    socket.resume();
    await promise;
  });
});

test.each<[string, RawRequest, number | undefined]>([
  [
    'two thousand headers',
    patch(Array.from({ length: 2_000 }, (_, index) => [`X-${index}`, '1'] as const)),
    431,
  ],
  ['two thousand short headers', patch(Array.from({ length: 2_000 }, () => ['a', '1'] as const)), 431],
  ['a header of 64 KiB', patch([JSON_TYPE, ['X', 'a'.repeat(64 * 1024)]]), 431],
  ['a name of 64 KiB', patch([JSON_TYPE, ['X'.repeat(64 * 1024), '1']]), 431],
  ['a path of 64 KiB', { method: 'GET', path: `/${'a'.repeat(64 * 1024)}` }, 431],
  ['a query of 64 KiB', { method: 'GET', path: `/api/note/n1?${'a'.repeat(64 * 1024)}` }, 431],
  ['an expectation', patch([JSON_TYPE, ['Expect', 'nonsense']]), 417],
  ['a method that nobody knows', { method: 'BREW', path: '/api/note/n1' }, 400],
  ['a method in small letters', { method: 'get', path: '/api/note/n1' }, 400],
  ['a space in its path', { method: 'GET', path: '/api/note/n 1' }, 400],
  ['no path', { method: 'GET', path: '' }, 400],
  ['a path without a slash', { method: 'GET', path: 'api/note/n1' }, 400],
  ['CONNECT', { method: 'CONNECT', path: 'localhost:80' }, undefined],
])('[HTT6] [CMD10] a request with %s is not let in', async (_name, request, status) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  const answer = await leavesAllAsItWas(() => raw(request));
  expect(answer).toMatchObject({ status, problem: NONE });
});

test.each([
  ['/api/note', ['PUT', 'PATCH', 'DELETE', 'OPTIONS'], 'GET, HEAD, POST'],
  ['/api/note/n1', ['POST', 'OPTIONS'], 'GET, HEAD, PUT, PATCH, DELETE'],
  ['/api/note/n1/texts/body', ['POST', 'OPTIONS'], 'GET, HEAD, PATCH, PUT, DELETE'],
])('[HTT5] [CMD10] %s has no other methods than its own', async (path, methods, allowed) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    for (const method of [...methods, 'TRACE', 'PROPFIND', 'SEARCH', 'LOCK', 'PURGE']) {
      const answer = await raw({
        method,
        path,
        headers: [JSON_TYPE, ['Origin', 'https://elsewhere.example']],
        body: TITLE,
      });
      expect(answer).toMatchObject({ status: 405, problem: 'method-not-allowed' });
      expect(answer.headers.get('Allow')).toBe(allowed);
      // Without these no page of another origin may write, or read what it is answered.
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

test('[HTT5] HEAD answers as GET would, without a body', async () => {
  const { raw, token } = await startWatchedServer();
  const head = await raw({ method: 'HEAD', path: '/api/note/n1' });
  const get = await raw({ method: 'GET', path: '/api/note/n1' });
  expect(head).toMatchObject({ status: 200, text: '' });
  expect(head.headers.get('ETag')).toBe(`"${token}"`);
  expect(head.headers.get('Content-Length')).toBe(get.headers.get('Content-Length'));
  const missing = await raw({ method: 'HEAD', path: '/api/note/missing' });
  expect(missing).toMatchObject({ status: 404, text: '' });
  expect(missing.headers.get('Content-Type')).toContain('application/problem+json');
});

test.each([
  ['//api/note/n1', 404, 'not-found'],
  ['//localhost/api/note/n1', 404, 'not-found'],
  ['/api//note/n1', 404, 'not-found'],
  ['/api/note//n1', 404, 'not-found'],
  ['/api/note/n1//', 404, 'not-found'],
  ['/./api/note/n1', 404, 'not-found'],
  ['/api/note/../note/n1', 404, 'not-found'],
  ['/api/%2e%2e/api/note/n1', 404, 'not-found'],
  ['/api%2fnote%2fn1', 404, 'not-found'],
  ['/api/note/n1;v=1', 404, 'not-found'],
  ['http://localhost//api/note/n1', 404, 'not-found'],
  ['*', 404, 'not-found'],
])('[HTT5] nothing is at %s', async (path, status, problem) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    for (const method of path === '*' ? ['OPTIONS'] : ['GET', 'PATCH', 'DELETE']) {
      const answer = await raw({ method, path, headers: [JSON_TYPE], body: TITLE });
      expect(answer).toMatchObject({ status, problem });
    }
  });
});

test('[HTT1] a path may be absolute, as proxies send it, whatever host it names', async () => {
  const { raw } = await startWatchedServer();
  const answer = await raw({ method: 'GET', path: 'http://elsewhere.example/api/note/n1' });
  expect(answer).toMatchObject({ status: 200 });
});

test('[HTT6] a request that offers HTTP/2 by Upgrade: h2c is answered in HTTP/1.1', async () => {
  const { raw } = await startWatchedServer();
  const headers = [
    ['Connection', 'Upgrade, HTTP2-Settings, close'],
    ['Upgrade', 'h2c'],
    ['HTTP2-Settings', 'AAMAAABkAAQCAAAAAAIAAAAA'],
  ] as const;
  expect(await raw({ method: 'GET', path: '/api/note/n1', headers })).toMatchObject({ status: 200 });
});

const own = (url: string) => new URL(url).host;

test.each<[string, (url: string) => string]>([
  ['null', () => 'null'],
  ['nothing', () => ''],
  ['a blank', () => ' '],
  ['another site', () => 'https://elsewhere.example'],
  ['another port', () => 'http://127.0.0.1:1'],
  ['another name of this machine', (url) => `http://localhost:${new URL(url).port}`],
  ['a site that begins alike', (url) => `http://${own(url)}.elsewhere.example`],
  ['a site that has it as a user', (url) => `http://${own(url)}@elsewhere.example`],
  ['a name without a scheme', (url) => own(url)],
  ['a file', () => 'file://'],
  ['data', () => 'data:text/html,x'],
  ['two origins', (url) => `http://${own(url)}, https://elsewhere.example`],
])('[SES8] an upgrade whose Origin is %s is refused', async (_name, toOrigin) => {
  const { server, leavesAllAsItWas } = await startWatchedServer();
  await leavesAllAsItWas(async () => {
    for (const path of ['/weft?v=1', '/yjs/note/n1/body']) {
      const headers = { Host: own(server.url), Origin: toOrigin(server.url) };
      expect(await openStockSocket(server.url, path, headers)).toEqual({ refused: 403 });
    }
  });
});

test('[SES8] an upgrade with the server’s own Origin, a listed one or none is let in', async () => {
  const { server } = await startWatchedServer({ origins: ['https://listed.example'] });
  const own = new URL(server.url).host;
  const path = '/yjs/note/n1/body';
  for (const headers of [{}, { Origin: `http://${own}` }, { Origin: 'https://listed.example' }]) {
    expect(await openStockSocket(server.url, path, { Host: own, ...headers })).toEqual({ opened: true });
  }
});

test.each<[string, RawRequest, number]>([
  ['POST', { method: 'POST', path: '/weft?v=1' }, 405],
  ['a path that is none', { method: 'GET', path: '/elsewhere' }, 404],
  ['a path of HTTP', { method: 'GET', path: '/api/note/n1' }, 404],
])('[SES8] an upgrade by %s is refused', async (_name, request, status) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  const headers = [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ['Sec-WebSocket-Version', '13'],
  ] as const;
  expect(await leavesAllAsItWas(() => raw({ ...request, headers }))).toMatchObject({ status });
});

test.each([
  ['no key', [['Sec-WebSocket-Version', '13']]],
  [
    'a key that is none',
    [
      ['Sec-WebSocket-Key', 'x'],
      ['Sec-WebSocket-Version', '13'],
    ],
  ],
  [
    'another version',
    [
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Sec-WebSocket-Version', '99'],
    ],
  ],
] as [string, [string, string][]][])('[SES8] an upgrade with %s is refused', async (_name, more) => {
  const { raw, leavesAllAsItWas } = await startWatchedServer();
  const headers = [['Connection', 'Upgrade'], ['Upgrade', 'websocket'], ...more] as [string, string][];
  const answer = await leavesAllAsItWas(() => raw({ method: 'GET', path: '/weft?v=1', headers }));
  expect(answer.status).toBe(400);
});
