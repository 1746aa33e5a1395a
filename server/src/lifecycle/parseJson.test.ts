import { MAX_JSON_DEPTH } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { parseJson } from './parseJson.ts';

test('[HTT4] JSON comes back as it is', () => {
  const value = { text: 'a "quoted" [bracket] \\ é 🎈', list: [1, -0.5, null, true, { deep: {} }] };
  expect(parseJson(JSON.stringify(value))).toEqual({ ok: true, value });
});

test('[HTT4] brackets count where they nest, and not in strings', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(parseJson(nested(MAX_JSON_DEPTH)).ok).toBe(true);
  expect(parseJson(nested(MAX_JSON_DEPTH + 1)).ok).toBe(false);
  expect(parseJson(JSON.stringify('['.repeat(1_000))).ok).toBe(true);
  expect(parseJson(`["\\"${'['.repeat(1_000)}"]`).ok).toBe(true);
  expect(parseJson(`[${'[],'.repeat(1_000)}[]]`).ok).toBe(true);
});

test.each([
  '',
  ' ',
  '{',
  '"',
  '"\\',
  '{"a":1}}',
  'undefined',
  'NaN',
  "{'a':1}",
  '{"__proto__":1}',
  '[{"__proto__":1}]',
])('[HTT4] %j is refused', (text) => {
  expect(parseJson(text).ok).toBe(false);
});

test('[HTT4] a long string or a long run of brackets is judged without exhausting the stack', () => {
  expect(parseJson(JSON.stringify('x\\'.repeat(100_000))).ok).toBe(true);
  expect(parseJson('['.repeat(250_000)).ok).toBe(false);
  expect(parseJson('"'.repeat(250_001)).ok).toBe(false);
});
