import * as prng from 'lib0/prng';

export type SeededRandom = {
  /** Give it to the functions of lib0/prng. */
  readonly source: prng.PRNG;
  /** From 0 up to, not including, `bound`. */
  integer(bound: number): number;
  /** One of a list that is not empty. */
  oneOf<Item>(items: readonly Item[]): Item;
};

/**
 * Random numbers that a run can repeat: they derive from the seed that `vitest.config.ts` chooses and the run prints at
 * its end. `WEFT_SEED` sets it. The salt tells one test's numbers from another's.
 */
export function createSeededRandom(salt = 0): SeededRandom {
  return randomFrom(readSeed() + salt);
}

/** Random numbers of a seed of one's own, for a test that is the same in every run. */
export function randomFrom(seed: number): SeededRandom {
  const source = prng.create(seed);
  return {
    source,
    integer: (bound) => prng.int53(source, 0, bound - 1),
    oneOf: (items) => prng.oneOf(source, [...items]),
  };
}

function readSeed(): number {
  const seed = Number(process.env.WEFT_SEED);
  if (!Number.isSafeInteger(seed)) throw new Error(`WEFT_SEED is no number: ${process.env.WEFT_SEED}`);
  return seed;
}
