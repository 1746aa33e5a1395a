import * as prng from 'lib0/prng';
import { describe, expect, it } from 'vitest';
import { addRanges, type ClockRanges, includesRange } from './clockRanges.ts';

const seed = Number(process.env.WEFT_SEED ?? 1);

describe('clock ranges', () => {
  it('join what overlaps or touches', () => {
    const one = addRanges([], [{ start: 5, end: 7 }]);
    const two = addRanges(one, [{ start: 10, end: 12 }]);
    expect(two).toEqual([5, 7, 10, 12]);
    expect(addRanges(two, [{ start: 7, end: 10 }])).toEqual([5, 12]);
  });

  it(`hold the same clocks as a set of numbers (seed ${seed})`, () => {
    const random = prng.create(seed);
    for (let round = 0; round < 200; round++) {
      let ranges: ClockRanges = [];
      const numbers = new Set<number>();
      for (let step = 0; step < 12; step++) {
        const added = Array.from({ length: prng.int32(random, 1, 14) }, () => toRange(random));
        ranges = addRanges(ranges, added);
        for (const { start, end } of added) for (let clock = start; clock < end; clock++) numbers.add(clock);
        const asked = toRange(random);
        const clocks = Array.from({ length: asked.end - asked.start }, (_, index) => asked.start + index);
        expect(includesRange(ranges, asked)).toBe(clocks.every((clock) => numbers.has(clock)));
      }
      expect(ranges).toEqual(toFlatRanges(numbers));
    }
  });
});

function toRange(random: prng.PRNG) {
  const start = prng.int32(random, 0, 300);
  return { start, end: start + prng.int32(random, 1, 8) };
}

function toFlatRanges(numbers: ReadonlySet<number>): number[] {
  const flat: number[] = [];
  for (const clock of [...numbers].sort((one, other) => one - other)) {
    if (flat.at(-1) === clock) flat[flat.length - 1] = clock + 1;
    else flat.push(clock, clock + 1);
  }
  return flat;
}
