import { expect, test } from 'vitest';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { OverloadedError } from '../../server/src/text/document/overloadedError.ts';
import { call } from '../support/httpClient.ts';
import { startTestServer } from '../support/testServer.ts';

test('[HTT3] what would have to wait behind too much is overloaded, and may be tried again', async () => {
  let isOverloaded = false;
  const store = createInMemoryEventStore();
  const { url } = await startTestServer({
    store: {
      ...store,
      readStream: (...asked) =>
        isOverloaded ? Promise.reject(new OverloadedError('too much waits')) : store.readStream(...asked),
    },
  });
  const headers = { Authorization: 'Bearer Ada' };
  await call(`${url}/api/note/n1`, 'PUT', { body: { title: 'Plan' }, headers });
  isOverloaded = true;
  const answer = await call(`${url}/api/note/n1/texts/body`, 'GET');
  expect(answer).toMatchObject({ status: 503, json: { type: 'urn:weft:problem:overloaded' } });
  expect(answer.headers.get('Retry-After')).toBe('1');
  isOverloaded = false;
  expect(await call(`${url}/api/note/n1/texts/body`, 'GET')).toMatchObject({ status: 200, text: '' });
});
