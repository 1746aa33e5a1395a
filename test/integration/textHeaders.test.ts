import { expect, test } from 'vitest';
import { call, type HttpRequest } from '../support/httpClient.ts';
import { startTestServer } from '../support/testServer.ts';

const BODY = '/api/note/n1/texts/body';

async function setUp() {
  const { url } = await startTestServer();
  const http = (method: string, path: string, { headers, ...request }: HttpRequest = {}) =>
    call(url + path, method, { ...request, headers: { Authorization: 'Bearer Ada', ...headers } });
  await http('PUT', '/api/note/n1', { body: { title: 'Plan' } });
  await http('PATCH', BODY, { body: 'Hello', headers: { 'Content-Type': 'text/plain', 'If-Match': '*' } });
  const taken = await http('POST', `${BODY}/versions`, { body: { name: 'First' } });
  return { http, version: `${BODY}/versions/${String(taken.json?.id)}` };
}

test.each([
  ['application/json; charset=utf-8', 'application/json'],
  ['application/json;charset="utf-8";q=0.5, text/plain;q=0.4', 'application/json'],
  ['text/plain;format=flowed, application/json;q=0.9', 'text/plain'],
  ['application/json;x="a, text/plain;q=1"', 'application/json'],
  ['application/json; q=0, */*', 'text/plain'],
  ['text/html; level=1', 'text/plain'],
])('[TXT14] [VER3] Accept: %s asks for %s', async (accept, type) => {
  const { http, version } = await setUp();
  for (const path of [BODY, version]) {
    const answer = await http('GET', path, { headers: { Accept: accept } });
    expect(answer.headers.get('Content-Type')).toBe(`${type}; charset=utf-8`);
  }
});

test('[EDT5] a weak tag matches nothing, and the answer has the tag of now', async () => {
  const { http } = await setUp();
  const etag = String((await http('GET', BODY)).headers.get('ETag'));
  const headers = { 'Content-Type': 'text/plain', 'If-Match': `W/${etag}` };
  const answer = await http('PATCH', BODY, { body: 'Bye', headers });
  expect(answer).toMatchObject({ status: 412, json: { detail: expect.stringContaining('weak') } });
  expect(answer.headers.get('ETag')).toBe(etag);
  expect((await http('GET', BODY)).text).toBe('Hello');
  const again = await http('PATCH', BODY, { body: 'Bye', headers: { ...headers, 'If-Match': etag } });
  expect(again.status).toBe(200);
});

test('[VER5] restoring takes no idempotency key', async () => {
  const { http, version } = await setUp();
  await http('PATCH', BODY, { body: 'Bye', headers: { 'Content-Type': 'text/plain', 'If-Match': '*' } });
  const refused = await http('POST', `${version}/restore`, { headers: { 'Idempotency-Key': 'k1' } });
  expect(refused).toMatchObject({ status: 400, json: { type: 'urn:weft:problem:malformed-request' } });
  expect((await http('GET', BODY)).text).toBe('Bye');
  expect(await http('POST', `${version}/restore`)).toMatchObject({ status: 200 });
  expect((await http('GET', BODY)).text).toBe('Hello');
});

test.each(['', '/texts/body', '/texts/body/versions'])(
  '[HTT5] an aggregate type that there is not is named as what is missing at …/x%s',
  async (rest) => {
    const { http } = await setUp();
    expect(await http('GET', `/api/nope/x${rest}`)).toMatchObject({
      status: 404,
      json: { type: 'urn:weft:problem:unknown-aggregate' },
    });
  },
);
