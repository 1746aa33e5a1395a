import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEqual } from './isEqual.ts';

test.each([
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ constructor: { a: 1 } }, { constructor: { a: 1 } }, true],
  [{ constructor: { a: 1 } }, { constructor: { a: 2 } }, false],
  [{ toString: [] }, {}, false],
  [{ a: undefined }, {}, false],
  [{ a: undefined }, { b: undefined }, false],
  [[], {}, false],
  [null, {}, false],
  [0, -0, true],
  [NaN, NaN, true],
  ['1', 1, false],
  [[1, 2], [2, 1], false],
])('[TOK11] %j and %j: %j', (one, other, equal) => {
  expect(isEqual(one, other)).toBe(equal);
  expect(isEqual(other, one)).toBe(equal);
});

test('[TOK11] values of JSON are equal exactly where Node says that they are', () => {
  const toPlain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const seed = Number(process.env.WEFT_SEED ?? 1);
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      expect(isEqual(one, toPlain(one))).toBe(true);
      expect(isEqual(one, other)).toBe(isDeepStrictEqual(toPlain(one), toPlain(other)));
    }),
    { seed },
  );
});
