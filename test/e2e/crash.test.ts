import { expect, test } from 'vitest';
import { runCrash } from '../crash/runCrash.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';

// Each kills the server once; WEFT_CRASH_ROUNDS asks for more, and `npm run crash` tells more of them.
const POINTS = Number(process.env.WEFT_CRASH_ROUNDS ?? 5);
const FEWEST_WORDS_EACH = 4;
const START_MS = 60_000;
const POINT_MS = 6_000;
const seed = Number(process.env.WEFT_SEED);

test(
  `[OPS3] [EVS8] [TXT2] [TXT11] what was acknowledged is there after a SIGKILL at any moment (seed ${seed})`,
  async () => {
    const folder = await createTemporaryFolder();
    const tally = await runCrash({ points: POINTS, seed, clients: 12, folder });
    expect(tally.faults).toEqual([]);
    // Else nothing was at stake.
    expect(tally.points).toBeGreaterThanOrEqual(POINTS);
    expect(tally.words.acknowledgedWords).toBeGreaterThan(POINTS * FEWEST_WORDS_EACH);
    expect(tally.titles).toBeGreaterThan(0);
    expect(tally.converged).toBeGreaterThan(0);
    expect(tally.readBack).toBeGreaterThan(0);
  },
  START_MS + POINTS * POINT_MS,
);
