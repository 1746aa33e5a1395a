// Sends good, bad and nearly good frames into texts, and judges by Yjs alone what becomes of them: see docs/SPEC.md, CHK.
import { minimise } from './minimise.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { writeRegression } from './regressions.ts';
import { report } from './report.ts';
import { type FoundFailure, runFuzz } from './runFuzz.ts';
import { readOptionsOrExit } from '../support/readOptionsOrExit.ts';

const PROGRESS_EVERY = 50_000;
const MOST_WRITTEN_PER_RULE = 2;

await run(readOptionsOrExit(readOptions, USAGE));

async function run({ cases, seed, texts, regressions }: Options): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  console.log(`seed ${seed}: ${cases} cases`);
  const written = new Map<string, number>();
  const start = performance.now();
  let told = 0;

  async function keep(found: FoundFailure): Promise<void> {
    const count = written.get(found.rule) ?? 0;
    if (count >= MOST_WRITTEN_PER_RULE) return;
    written.set(found.rule, count + 1);
    console.error(`${found.rule}: ${found.detail}`);
    const sequence = await minimise(found.sequence, found.rule);
    console.error(
      `kept in ${writeRegression(regressions, `${found.rule}-${seed}-${count}`, { ...found, sequence })}`,
    );
  }

  const tally = await runFuzz({
    cases,
    seed,
    texts,
    signal: stopping.signal,
    onFailure: keep,
    onProgress: (now) => {
      if (now.cases - told < PROGRESS_EVERY) return;
      told = now.cases;
      console.log(
        `${now.cases} cases, ${((now.cases / (performance.now() - start)) * 1000).toFixed(0)} a second`,
      );
    },
  });
  console.log(report(tally, performance.now() - start, seed));
  if (tally.failures.size > 0) process.exitCode = 1;
}
