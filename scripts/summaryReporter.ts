import type { SerializedError } from 'vitest';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

export type Summary = { readonly passed: number; readonly failed: number; readonly skipped: number };

type SummaryReporterOptions = {
  /** What the run's random tests derive from. */
  readonly seed: string;
  /** Projects whose tests were left out, with the reason to print. Default: none. */
  readonly leftOut?: Readonly<Record<string, string>>;
};

/**
 * Ends a run with how to repeat its random tests, and `N passed, N failed` as the last line. It prints when the process
 * exits, so that nothing comes after it, and so that a run that broke off is not silent.
 */
export class SummaryReporter implements Reporter {
  readonly #options: SummaryReporterOptions;
  #notices: readonly string[] = [];
  #summary: Summary = { passed: 0, failed: 1, skipped: 0 };

  constructor(options: SummaryReporterOptions) {
    this.#options = options;
  }

  onInit(vitest: Vitest): void {
    const { leftOut = {} } = this.#options;
    this.#notices = vitest.projects.flatMap(({ name }) => leftOut[name] ?? []);
    process.once('exit', () => this.#print());
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    this.#summary = summarize(modules, unhandledErrors);
  }

  #print(): void {
    const repeat = `WEFT_SEED=${this.#options.seed} repeats the random tests.`;
    process.stdout.write(`${[...this.#notices, repeat, formatSummary(this.#summary)].join('\n')}\n`);
  }
}

/** Counts tests; an error outside of a test (a file that does not load, a hook, an unhandled rejection) is a failure. */
export function summarize(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): Summary {
  const summary = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const module of modules) {
    for (const suite of [module, ...module.children.allSuites()]) summary.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that is still pending at the end of a run never came to an end.
      summary[state === 'pending' ? 'failed' : state] += 1;
    }
  }
  return summary;
}

export function formatSummary({ passed, failed, skipped }: Summary): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}
