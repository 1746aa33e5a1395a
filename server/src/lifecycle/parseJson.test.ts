import { MAX_JSON_BYTES, MAX_JSON_DEPTH } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { createSeededRandom, type SeededRandom } from '../../../test/support/seededRandom.ts';
import { parseJson } from './parseJson.ts';

test('[HTT4] JSON comes back as it is', () => {
  const value = { text: 'a "quoted" [bracket] \\ é: 🎈', list: [1, -0.5, null, true, { deep: {} }] };
  expect(parseJson(JSON.stringify(value))).toEqual({ ok: true, value });
  expect(parseJson(JSON.stringify(value, undefined, '\t\r\n'))).toEqual({ ok: true, value });
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
  'Infinity',
  "{'a':1}",
  '{"__proto__":1}',
  '[{"__proto__":1}]',
  '{"\\u005f_proto__":1}',
  '{"constructor":{"prototype":1}}',
  '{"\\\\":1}',
  '[{"a":1,"b\\u005Cc":1}]',
])('[HTT4] %j is refused', (text) => {
  expect(parseJson(text).ok).toBe(false);
});

test.each([
  '{"a":1,"a":1}',
  '{"a":1,"b":2,"a":3}',
  '{"a":1,"\\u0061":2}',
  '{"a/b":1,"a\\/b":2}',
  '{"":1,"":2}',
  '{"1":1,"1":2}',
  '[{"a":{"b":1,"b":1}}]',
  '{"a":1 , "a"\n:\t2}',
  '{"a:":1,"a:":2}',
  '{"a\\"":1,"a\\u0022":2}',
])('[HTT4] a key twice in one object, as in %j, is refused', (text) => {
  expect(parseJson(text)).toEqual({ ok: false, error: expect.stringContaining('twice') as string });
});

test.each([
  '{"a":1,"A":2}',
  '{"a":{"a":{"a":1}}}',
  '[{"a":1},{"a":2}]',
  '{"a":"b:c","d":":"}',
  '{"a\\":":1,"a":2}',
  '{"a":"\\\\","b":"\\\\"}',
  '{"é":1,"e\\u0301":2}',
  '{"toString":1,"hasOwnProperty":2,"constructor":3}',
])('[HTT4] %j has no key twice', (text) => {
  expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
});

test.each(['1e400', '-1e400', '{"a":1e309}', '[[1,{"a":[2e999]}]]'])(
  '[HTT4] a number beyond every double, as in %j, is refused',
  (text) => {
    expect(parseJson(text)).toEqual({ ok: false, error: expect.stringContaining('too large') as string });
  },
);

test.each(['1.7976931348623157e308', '1e-400', '-0', '9007199254740993', '"1e400"'])(
  '[HTT4] %j is a number or a string like any other',
  (text) => {
    expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
  },
);

test('[HTT4] whatever is nested in whatever, a key twice is found, and nothing else is taken for one', () => {
  const random = createSeededRandom();
  for (let round = 0; round < 500; round++) {
    const { text, hasTwice } = writeAnything(random, 4);
    expect({ text, ok: parseJson(text).ok }).toEqual({ text, ok: !hasTwice });
  }
});

test('[HTT4] a key with an escape is read as it is spelled, or refused', () => {
  const escaped = '{"a":1,"\\u0062":2}';
  parseJson('{"a":1,"\\\\":2}');
  expect(parseJson(escaped)).toEqual({ ok: true, value: { a: 1, b: 2 } });
  // What others parse in this process makes the engine misread the next one, as long as it has that fault.
  JSON.parse('{"c":1,"\\\\":2}');
  expect([
    { ok: true, value: { c: 1, b: 2 } },
    { ok: false, error: 'it holds a backslash in a key' },
  ]).toContainEqual(parseJson('{"c":1,"\\u0062":2}'));
});

test('[HTT4] the longest text of one character is judged without exhausting the stack', () => {
  const room = MAX_JSON_BYTES - 2;
  expect(parseJson(`"${'\\'.repeat(room)}"`).ok).toBe(true);
  expect(parseJson(`"${'\\'.repeat(room - 1)}"`).ok).toBe(false);
  expect(parseJson(`"${'\\"'.repeat(room / 2)}"`).ok).toBe(true);
  expect(parseJson(`[${'[],'.repeat(room / 3)}[]]`).ok).toBe(true);
  for (const character of ['[', '{', ']', '"', '\\', ':', ' ']) {
    expect(parseJson(character.repeat(MAX_JSON_BYTES)).ok).toBe(false);
  }
});

type Written = { readonly text: string; readonly hasTwice: boolean };

const LEAVES = ['1', '-0.5e3', 'null', 'true', '"\\\\"', '"a\\":{[,"', '":"', '""', '{}', '[ ]'];
const KEYS = ['a', ':', '"', 'é:', '', 'é', '{', '1', 'a"'];

/** JSON in odd spellings, of which it is known whether some object has a key twice. */
function writeAnything(random: SeededRandom, depth: number): Written {
  if (depth === 0 || random.integer(4) === 0) return { text: random.oneOf(LEAVES), hasTwice: false };
  const parts = Array.from({ length: random.integer(4) }, () => writeAnything(random, depth - 1));
  const within = parts.some(({ hasTwice }) => hasTwice);
  const comma = random.oneOf([',', ' ,\n']);
  if (random.integer(2) === 0)
    return { text: `[${parts.map(({ text }) => text).join(comma)}]`, hasTwice: within };
  const keys = parts.map(() => random.oneOf(KEYS));
  const members = parts.map(({ text }, index) => `${spell(random, keys[index] ?? '')}:${text}`);
  return { text: `{${members.join(comma)}}`, hasTwice: within || new Set(keys).size < keys.length };
}

/** A string as JSON, sometimes with each character escaped, sometimes with space behind it. */
function spell(random: SeededRandom, key: string): string {
  const escaped = [...key].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const text = random.integer(3) === 0 ? `"${escaped.join('')}"` : JSON.stringify(key);
  return text + random.oneOf(['', '', ' ', '\n\t']);
}
