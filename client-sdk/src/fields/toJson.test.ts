import { expect, test } from 'vitest';
import { toJson } from './toJson.ts';

test.each([
  null,
  'x',
  0,
  -1.5,
  true,
  [],
  [1, [null]],
  { a: { b: [] } },
  Object.assign(Object.create(null), { a: 1 }),
])('[HAN4] %j is JSON', (value) => {
  expect(toJson<unknown>(value)).toEqual(value);
});

test('[HAN4] what is undefined is left out, and what is given is copied', () => {
  const given = { a: undefined, b: { c: 1 } };
  const copy = toJson(given);
  expect(copy).toStrictEqual({ b: { c: 1 } });
  expect(copy.b).not.toBe(given.b);
  expect(toJson(undefined)).toBeUndefined();
});

test.each([
  ['NaN', NaN],
  ['infinity', Infinity],
  ['a date', new Date(0)],
  ['a map', new Map()],
  ['a set', new Set()],
  ['a pattern', /x/],
  ['a function', () => undefined],
  ['a symbol', Symbol('x')],
  ['a big number', 1n],
])('[HAN4] %s is no JSON, wherever it is', (_what, value) => {
  for (const given of [value, [value], { a: { b: value } }])
    expect(() => toJson<unknown>(given)).toThrow(TypeError);
});
