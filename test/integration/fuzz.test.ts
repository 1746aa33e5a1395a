import { expect, test } from 'vitest';
import { type FoundFailure, runFuzz } from '../fuzz/runFuzz.ts';

// `npm run fuzz` asks for more, and cuts what it finds down to what it needs.
const CASES = 5_000;
const seed = Number(process.env.WEFT_SEED);

test(`[CHK1] [CHK2] [CHK3] [CHK4] [CHK5] [CHK6] [CHK8] [CHK9] [TXT4] [TXT5] no frame changes what is there, or adds what may not be (seed ${seed})`, async () => {
  const found: FoundFailure[] = [];
  const tally = await runFuzz({ cases: CASES, seed, onFailure: (failure) => void found.push(failure) });
  expect(found.map(({ rule, detail }) => `${rule}: ${detail}`)).toEqual([]);
  // Else nothing was tried.
  const outcomes = Object.fromEntries(tally.outcomes);
  expect(outcomes.accepted).toBeGreaterThan(CASES / 20);
  expect(outcomes.known).toBeGreaterThan(CASES / 50);
  expect(outcomes.gap).toBeGreaterThan(CASES / 200);
  expect(outcomes['refused invalid-message']).toBeGreaterThan(CASES / 20);
  expect(outcomes['refused forbidden']).toBeGreaterThan(0);
});
