/** A repeatable source of random numbers (mulberry32). */
export type Random = {
  /** From 0 up to, not including, `bound`. */
  readonly integer: (bound: number) => number;
};

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return {
    integer(bound) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
    },
  };
}
