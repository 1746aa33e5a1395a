import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { PROTOCOL_VERSION } from '../version.ts';
import { decodeDown } from './decodeDown.ts';
import { decodeUp } from './decodeUp.ts';
import { downSchema } from './down.ts';
import { upSchema } from './up.ts';

/** Changes with every change of a message: then PROTOCOL_VERSION must change as well, or nothing released differs. */
function hashOf(schema: z.ZodType): string {
  return createHash('sha256')
    .update(JSON.stringify(z.toJSONSchema(schema, { io: 'input' })))
    .digest('hex')
    .slice(0, 16);
}

test('[SES2] the messages are those of the protocol version', () => {
  expect({
    version: PROTOCOL_VERSION,
    up: hashOf(upSchema),
    down: hashOf(downSchema),
  }).toMatchInlineSnapshot(`
    {
      "down": "6820b371ae0fb551",
      "up": "a014c1951d88724b",
      "version": 1,
    }
  `);
});

test.each([
  null,
  [],
  'hello',
  {},
  { type: 'helo' },
  { type: 'hello' },
  { type: 'hello', protocolVersion: '1' },
  { type: 'renew' },
  { type: 'renew', token: 't'.repeat(8193) },
  { type: 'subscribe', aggregate: 'note' },
  { type: 'open-text', channel: 0, aggregate: 'note', id: 'n', field: 'body' },
  { type: 'open-text', channel: 1.5, aggregate: 'note', id: 'n', field: 'body' },
  { type: 'open-text', channel: 1, aggregate: 'note', id: 'n', field: 'body', epoch: 0 },
  { type: 'open-text', channel: 1, aggregate: 'note', id: 'n', field: 'body', epoch: 'e'.repeat(65) },
  { type: 'command', key: '', aggregate: 'note', id: 'n', command: { kind: 'delete' } },
  { type: 'command', key: 'k', aggregate: 'note', id: 'n', command: { kind: 'rename' } },
  { type: 'command', key: 'k', aggregate: 'note', id: 'n', command: { kind: 'change', patch: [] } },
  {
    type: 'command',
    key: 'k',
    aggregate: 'note',
    id: 'n',
    command: { kind: 'change', patch: {}, token: '!' },
  },
])('[SES6] %j is no message of a client', (message) => {
  expect(decodeUp(message).ok).toBe(false);
});

test('[SES6] a message of a client is read with its own members only', () => {
  expect(decodeUp({ type: 'ping', more: 1 })).toEqual({ ok: true, value: { type: 'ping' } });
});

test('[SES5] a client that knows of no epochs opens a text without one', () => {
  const message = { type: 'open-text', channel: 1, aggregate: 'note', id: 'n', field: 'body' };
  expect(decodeUp(message)).toEqual({ ok: true, value: message });
});

test('[CON8] a welcome need not say when the token expires, and may say what its reader does not know', () => {
  const welcome = { type: 'welcome', protocolVersion: 1, sessionId: 's', user: { id: 'u', name: 'U' } };
  expect(decodeDown(welcome)).toEqual({ ok: true, value: welcome });
  expect(decodeDown({ ...welcome, expiresAt: 1, more: 1 })).toEqual({
    ok: true,
    value: { ...welcome, expiresAt: 1 },
  });
});

test('[HAN11] what is no message of a server is an error, with where it went wrong', () => {
  expect(decodeDown({ type: 'outcome', key: 'k', outcome: { outcome: 'splendid' } })).toEqual({
    ok: false,
    error: expect.stringContaining('outcome') as string,
  });
});
