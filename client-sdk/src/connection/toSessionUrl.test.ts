import { expect, it } from 'vitest';
import { toSessionUrl } from './toSessionUrl.ts';

it.each([
  ['http://localhost:8080', 'ws://localhost:8080/weft?v=1'],
  ['https://example.org/', 'wss://example.org/weft?v=1'],
  ['https://example.org/app/notes/', 'wss://example.org/app/notes/weft?v=1'],
  ['https://example.org/app?theme=dark#top', 'wss://example.org/app/weft?v=1'],
])('[CON4] finds the one session of %s', (serverUrl, sessionUrl) => {
  expect(toSessionUrl(serverUrl)).toBe(sessionUrl);
});

it.each(['ws://localhost', 'ftp://localhost', '/weft', ''])(
  '[CON4] refuses %j, which is no server’s address',
  (serverUrl) => {
    expect(() => toSessionUrl(serverUrl)).toThrow(TypeError);
  },
);
