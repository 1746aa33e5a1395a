import { isEqual } from '../isEqual.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MergeFunction } from '../conflictPolicy.ts';
import { mergeCounter } from './mergeCounter.ts';
import { mergeListById } from './mergeListById.ts';
import { mergeObject } from './mergeObject.ts';
import { mergeSet } from './mergeSet.ts';

// A failure prints its counterexample; WEFT_SEED, which the run prints, repeats it. WEFT_PROPERTY_RUNS=50 runs 50 times
// as many.
const settings = {
  seed: Number(process.env.WEFT_SEED ?? 1),
  numRuns: 300 * Number(process.env.WEFT_PROPERTY_RUNS ?? 1),
};

// Few values, so that the sides often agree, and member names that an object has anyway.
const value = fc.oneof(
  fc.constantFrom<unknown>(0, -0, 1, 'a', null, true),
  fc.constantFrom({ x: 1, y: 2 }, { y: 2, x: 1 }, [], [1]).map((object: unknown) => structuredClone(object)),
);
const object = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', '__proto__', 'toString', 'length'), value), {
    selector: ([name]) => name,
  })
  .map((members): Record<string, unknown> => Object.fromEntries(members));
const wholeNumber = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
const finiteNumber = fc.double({ noDefaultInfinity: true, noNaN: true });
const set = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 1, 2), { maxLength: 5 });

type Item = { id: number | string; name?: unknown; done?: unknown };
const item: fc.Arbitrary<Item> = fc.record(
  { id: fc.constantFrom<number | string>(1, 2, 3, 4, '1'), name: value, done: value },
  { requiredKeys: ['id'] },
);
const list = fc.uniqueArray(item, { selector: ({ id }) => id, maxLength: 5 });
const listWithRepeats = fc.array(item, { maxLength: 8 });
const mergeItems: MergeFunction<Item[]> = mergeListById('id');

/** Holds a law for any three values. */
function holdFor<Value>(
  values: fc.Arbitrary<Value>,
  law: (was: Value, is: Value, want: Value) => void,
): void {
  fc.assert(fc.property(values, values, values, law), settings);
}

// JSON and `===` do not tell 0 from -0, `toEqual` does.
const toJson = (json: unknown): unknown => JSON.parse(JSON.stringify(json));
const toIds = (items: readonly Item[]) => items.map(({ id }) => id);
/** As a set: `toEqual` compares a list's order too. */
const unordered = (members: readonly unknown[]) => new Set(members.map((member) => JSON.stringify(member)));

type Merge<Value> = { name: string; merge: MergeFunction<Value>; values: fc.Arbitrary<Value> };

function describeLaws<Value>({ name, merge, values }: Merge<Value>, toComparable = toJson): void {
  test(`[DEF3] [DEF4] ${name} leaves what is there to whoever asks for what they saw`, () => {
    holdFor(values, (was, is) => {
      expect(toComparable(merge(was, is, was))).toEqual(toComparable(is));
    });
  });

  test(`[DEF3] [DEF4] ${name} stores what is asked where nobody else changed anything`, () => {
    holdFor(values, (was, _, want) => {
      expect(toComparable(merge(was, was, want))).toEqual(toComparable(want));
    });
  });

  test(`[DEF3] [DEF4] ${name} changes none of its arguments`, () => {
    holdFor(values, (...sides) => {
      const before = structuredClone(sides);
      merge(...sides);
      expect(sides).toEqual(before);
    });
  });
}

function describeAgreement<Value>({ name, merge, values }: Merge<Value>, toComparable = toJson): void {
  test(`[DEF3] [DEF4] ${name} leaves what both sides agree on`, () => {
    holdFor(values, (was, is) => {
      expect(toComparable(merge(was, is, structuredClone(is)))).toEqual(toComparable(is));
    });
  });

  test(`[DEF3] [DEF4] ${name} of what was merged, with the same asked again, changes nothing`, () => {
    holdFor(values, (was, is, want) => {
      const merged = merge(was, is, want);
      expect(toComparable(merge(was, merged, want))).toEqual(toComparable(merged));
    });
  });
}

describe('mergeSet', () => {
  const merge: Merge<(string | number)[]> = { name: 'mergeSet', merge: mergeSet, values: set };
  const toSet = (members: unknown) => unordered(members as unknown[]);
  describeLaws(merge, toSet);
  describeAgreement(merge, toSet);

  test('[DEF3] mergeSet has the same members whichever side was first, and none twice', () => {
    holdFor(set, (was, one, other) => {
      const merged = mergeSet(was, one, other);
      expect(unordered(merged)).toEqual(unordered(mergeSet(was, other, one)));
      expect(new Set(merged).size).toBe(merged.length);
    });
  });
});

describe('mergeCounter', () => {
  describeLaws({ name: 'mergeCounter of any numbers', merge: mergeCounter, values: finiteNumber });

  test('[DEF4] mergeCounter adds what both sides added, whichever was first', () => {
    holdFor(wholeNumber, (was, one, other) => {
      expect(mergeCounter(was, was + one, was + other)).toBe(was + one + other);
    });
  });
});

describe('mergeObject', () => {
  const merge: Merge<Record<string, unknown>> = { name: 'mergeObject', merge: mergeObject, values: object };
  describeLaws(merge);
  describeAgreement(merge);

  test('[DEF4] mergeObject gives every member the value of a side that has it', () => {
    holdFor(object, (was, is, want) => {
      const merged = mergeObject(was, is, want);
      for (const [name, member] of Object.entries(merged)) {
        const sides = [is, want].filter((side) => Object.hasOwn(side, name)).map((side) => side[name]);
        expect(sides).toContainEqual(member);
      }
    });
  });
});

describe('mergeListById', () => {
  const merge: Merge<Item[]> = { name: 'mergeListById', merge: mergeItems, values: list };
  describeLaws(merge);
  describeAgreement(merge, (items) => unordered(items as Item[]));

  test('[DEF4] mergeListById of what was merged keeps its order, unless both sides added one id', () => {
    holdFor(list, (was, is, want) => {
      const addedByBoth = toIds(is).filter((id) => !toIds(was).includes(id) && toIds(want).includes(id));
      fc.pre(addedByBoth.length === 0);
      const merged = mergeItems(was, is, want);
      expect(toIds(mergeItems(was, merged, want))).toEqual(toIds(merged));
    });
  });

  test('[DEF4] mergeListById drops and doubles no id that it should have, also of lists with repeats', () => {
    holdFor(listWithRepeats, (was, is, want) => {
      const merged = toIds(mergeItems(was, is, want));
      expect(new Set(merged).size).toBe(merged.length);
      const kept = toIds(is).filter((id) => toIds(want).includes(id) || !toIds(was).includes(id));
      const added = toIds(want).filter((id) => !toIds(was).includes(id));
      expect(merged).toEqual(expect.arrayContaining([...kept, ...added]));
      expect([...toIds(is), ...toIds(want)]).toEqual(expect.arrayContaining(merged));
    });
  });

  test('[DEF4] mergeListById keeps the order of one side', () => {
    holdFor(list, (was, is, want) => {
      const merged = toIds(mergeItems(was, is, want));
      const keepsOrderOf = (side: readonly Item[]) => {
        const before = toIds(side).filter((id) => merged.includes(id));
        return isEqual(
          before,
          merged.filter((id) => before.includes(id)),
        );
      };
      expect(keepsOrderOf(is) || keepsOrderOf(want)).toBe(true);
    });
  });
});
