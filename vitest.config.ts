import { randomInt } from 'node:crypto';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { findChromium } from './test/support/chromium.ts';
import { SummaryReporter } from './scripts/summaryReporter.ts';

const CONDITION = 'weft-source';
const isContinuousIntegration = process.env.CI !== undefined && process.env.CI !== 'false';
// One seed per run: every random test derives from it, and the run's last lines say how to repeat it.
const seed = process.env.WEFT_SEED ?? String(randomInt(2 ** 31));
const withoutBrowser = findChromium() === undefined && !isContinuousIntegration;
const leftOut = { browser: 'No Chromium was found: the browser tests were left out.' };

// Type tests (`*.test-d.ts`) are not among these: `npm run check:types` holds them, in the time that tsc takes anyway.
export default defineConfig({
  ssr: { resolve: { conditions: [CONDITION, ...defaultServerConditions] } },
  test: {
    env: { WEFT_SEED: seed },
    reporters: [new SummaryReporter({ seed, leftOut: withoutBrowser ? leftOut : {} }), 'default'],
    setupFiles: ['test/support/failOnSecondYjs.ts'],
    passWithNoTests: withoutBrowser,
    restoreMocks: true,
    // A busy machine is no failure; a state that never comes is.
    expect: { poll: { timeout: 10_000 } },
    unstubEnvs: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            '{server,client-sdk,examples,scripts}/**/*.test.{ts,tsx}',
            'test/{contract,support}/**/*.test.ts',
          ],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: withoutBrowser ? [] : ['test/browser/**/*.test.ts'],
          globalSetup: withoutBrowser ? [] : ['test/support/builtPage.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
