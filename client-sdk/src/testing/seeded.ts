import * as prng from 'lib0/prng';

const SPREAD = 0x9e3779b1;
const OFFSET = 0x5bd1e995;

/** Numbers in [0, 1), the same ones for the same seed. */
export function createRandom(seed: number): () => number {
  // Of a source that is made of zero everything is zero.
  const source = prng.create(Math.imul(seed, SPREAD) ^ OFFSET || SPREAD);
  return () => prng.real53(source);
}

/** A UUID, version 4, as random as the numbers that it is made of. */
export function createUuid(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16));
  digits[12] = 4;
  digits[16] = 8 + Math.floor(random() * 4);
  const hex = digits.map((digit) => digit.toString(16)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
