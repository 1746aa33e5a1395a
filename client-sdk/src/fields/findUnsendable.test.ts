import { expect, test } from 'vitest';
import type { Up } from '../../protocol/messages/up.ts';
import { findUnsendable } from './findUnsendable.ts';

function toMessage(value: unknown): Up {
  const command = { kind: 'change' as const, patch: { title: value } };
  return { type: 'command', key: 'k', aggregate: 'note', id: 'n1', command };
}

function nest(levels: number): unknown {
  return levels === 0 ? 'x' : [nest(levels - 1)];
}

// The message, its command and the patch are three levels.
test.each([
  ['too big', 'x'.repeat(256 * 1024)],
  ['too deep', nest(62)],
  ['with a backslash in a key', { 'a\\b': 1 }],
  ['with a key __proto__', JSON.parse('{"__proto__":1}')],
  ['with a constructor that has a prototype', { constructor: { prototype: {} } }],
])('[SES6] [HAN4] what is %s is not sent', (_what, value) => {
  expect(findUnsendable(toMessage(value))).toMatchObject({
    outcome: 'rejected',
    code: 'malformed-request',
  });
});

test.each([
  ['just as deep as is allowed', nest(61)],
  ['with a backslash in a value', 'a\\b'],
  ['with a constructor', { constructor: 'Gaudí' }],
  ['of nothing', null],
])('[SES6] [HAN4] what is %s is sent', (_what, value) => {
  expect(findUnsendable(toMessage(value))).toBeUndefined();
});
