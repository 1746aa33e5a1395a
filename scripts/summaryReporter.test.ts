import { expect, it } from 'vitest';
import type { TestModule } from 'vitest/node';
import { formatSummary, summarize } from './summaryReporter.ts';

type State = 'passed' | 'failed' | 'skipped' | 'pending';

/** A file's results, as far as the summary reads them. */
function moduleOf(results: { states?: State[]; errors?: string[]; hookErrors?: string[] }): TestModule {
  const { states = [], errors = [], hookErrors = [] } = results;
  const module = {
    errors: () => errors,
    children: {
      allSuites: () => [{ errors: () => hookErrors }],
      allTests: () => states.map((state) => ({ result: () => ({ state }) })),
    },
  };
  // Only these of its many members are read.
  return module as unknown as TestModule;
}

it('counts tests over all files', () => {
  const modules = [moduleOf({ states: ['passed', 'failed'] }), moduleOf({ states: ['passed', 'skipped'] })];
  expect(summarize(modules, [])).toEqual({ passed: 2, failed: 1, skipped: 1 });
});

it('counts a file that does not load, a hook that throws and an unhandled error as failures', () => {
  const modules = [
    moduleOf({ errors: ['no such file'] }),
    moduleOf({ states: ['skipped'], hookErrors: ['hook'] }),
  ];
  expect(summarize(modules, [new Error('unhandled')])).toEqual({ passed: 0, failed: 3, skipped: 1 });
});

it('counts a test that never ended as a failure', () => {
  expect(summarize([moduleOf({ states: ['pending'] })], [])).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

it('names skipped tests only where there are some', () => {
  expect(formatSummary({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(formatSummary({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
});
