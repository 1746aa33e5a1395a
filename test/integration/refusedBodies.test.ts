import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { call } from '../support/httpClient.ts';
import { startTestServer } from '../support/testServer.ts';

const MEBIBYTE = 1024 * 1024;
const BODY = '/api/note/n1/texts/body';

async function setUp() {
  const { url } = await startTestServer();
  const headers = { Authorization: 'Bearer Ada' };
  expect(await call(`${url}/api/note/n1`, 'PUT', { body: { title: 'Plan' }, headers })).toMatchObject({
    status: 201,
  });
  return { url, headers };
}

test.each([9, 20, 38])('[HTT4] fetch hears that a body of %i MiB is too large', async (size) => {
  const { url, headers } = await setUp();
  const body = new Uint8Array(size * MEBIBYTE);
  for (let count = 0; count < 5; count++) {
    for (const [method, type] of [
      ['PUT', 'application/vnd.yjs.update'],
      ['PATCH', 'text/plain'],
    ] as const) {
      const answer = await call(url + BODY, method, {
        body,
        headers: { ...headers, 'Content-Type': type, 'If-Match': '*' },
      });
      expect(answer).toMatchObject({ status: 413, json: { type: 'urn:weft:problem:too-large' } });
      expect(answer.headers.get('Connection')).toBe('close');
    }
  }
});

test('[HTT4] a body without a length is too large as soon as it is, and its client hears of it', async () => {
  const { url, headers } = await setUp();
  const piece = new Uint8Array(MEBIBYTE);
  let left = 20;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => (left-- > 0 ? controller.enqueue(piece) : controller.close()),
  });
  const answer = await fetch(url + BODY, {
    method: 'PATCH',
    body,
    headers: { ...headers, 'Content-Type': 'text/plain', 'If-Match': '*' },
    duplex: 'half',
  } as RequestInit);
  expect(answer.status).toBe(413);
  expect(await answer.json()).toMatchObject({ type: 'urn:weft:problem:too-large' });
});

test('[HTT4] a body that goes on for ever is not read for ever', async () => {
  const { url, headers } = await setUp();
  const sending = httpRequest(url + BODY, { method: 'PATCH', headers: { ...headers, 'If-Match': '*' } });
  const answered = new Promise<number | undefined>((resolve) =>
    sending.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    }),
  );
  const closed = new Promise<void>((resolve) => sending.on('close', resolve));
  // That the server hangs up is what this waits for.
  sending.on('error', () => undefined);
  const piece = Buffer.alloc(MEBIBYTE);
  let sent = 0;
  const send = () => {
    if (sending.destroyed || sending.errored) return;
    sent++;
    sending.write(piece, send);
  };
  send();
  expect(await answered).toBe(413);
  await closed;
  expect(sent).toBeGreaterThan(8);
  expect(sent).toBeLessThan(200);
});

test('[HTT4] what is wrong with a body that is encoded is said', async () => {
  const { url, headers } = await setUp();
  const patch = (body: Uint8Array, encoding?: string) =>
    call(url + BODY, 'PATCH', {
      body,
      headers: {
        ...headers,
        'Content-Type': 'text/plain',
        'If-Match': '*',
        ...(encoding !== undefined && { 'Content-Encoding': encoding }),
      },
    });
  const text = Buffer.from('some text');
  expect(await patch(text, 'gzip')).toMatchObject({
    status: 400,
    json: { detail: 'the body is not what its Content-Encoding says' },
  });
  expect(await patch(gzipSync(text).subarray(0, -4), 'gzip')).toMatchObject({
    status: 400,
    json: { detail: 'the body is not what its Content-Encoding says' },
  });
  expect(await patch(text, 'compress')).toMatchObject({
    status: 415,
    json: { detail: 'Content-Encoding is one of gzip, deflate, br and zstd' },
  });
  expect(await patch(gzipSync(Buffer.alloc(9 * MEBIBYTE)), 'gzip')).toMatchObject({
    status: 413,
    json: { detail: `a body has at most ${8 * MEBIBYTE} bytes, inflated` },
  });
  expect(await patch(Buffer.from([0x61, 0xff]))).toMatchObject({
    status: 400,
    json: { detail: 'the body is not UTF-8' },
  });
  expect(await patch(gzipSync(text), 'gzip')).toMatchObject({ status: 200, json: { length: 9 } });
});

test('[HTT3] a path that cannot be decoded is named as what is wrong', async () => {
  const { url } = await setUp();
  expect(await call(`${url}/api/note/%ff`, 'GET')).toMatchObject({
    status: 400,
    json: { detail: 'the path has percent signs that are no encoding of UTF-8' },
  });
});
