import { expect, test } from 'vitest';
import { listRegressions, readRegression } from '../fuzz/regressions.ts';
import { replay } from '../fuzz/runFuzz.ts';

// What `npm run fuzz` once found, cut down to what it needs.
test.each(listRegressions())('[CHK4] %s stays mended', async (name) => {
  expect((await replay(readRegression(name))).failure).toBeUndefined();
});
