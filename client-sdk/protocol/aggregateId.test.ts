import { expect, test } from 'vitest';
import { isAggregateId } from './aggregateId.ts';

test.each(['a', 'n1', '0', 'A-b_c.d~e', 'a'.repeat(128), 'constructor'])(
  '[HTT5] %j may name an aggregate',
  (id) => {
    expect(isAggregateId(id)).toBe(true);
  },
);

test.each([
  '',
  ' ',
  'a b',
  '\0',
  'a\0',
  '.',
  '..',
  '../x',
  'a/b',
  '%2e%2e',
  '__proto__',
  'é',
  'a'.repeat(129),
  'a\n',
])('[HTT5] %j may not', (id) => {
  expect(isAggregateId(id)).toBe(false);
});
