// Kills a server under load again and again, and looks each time whether what it acknowledged is there: see docs/SPEC.md, OPS3.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Options, readOptions, USAGE } from './options.ts';
import { report, reportProgress } from './report.ts';
import { runCrash } from './runCrash.ts';
import { readOptionsOrExit } from '../support/readOptionsOrExit.ts';

const PROGRESS_EVERY = 50;

await run(readOptionsOrExit(readOptions, USAGE));

async function run(options: Options): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  const folder = mkdtempSync(join(tmpdir(), 'weft-crash-'));
  console.log(`seed ${options.seed}: ${options.points} points, ${options.clients} clients`);
  const start = performance.now();
  let told = 0;
  try {
    const tally = await runCrash({
      ...options,
      folder,
      signal: stopping.signal,
      onPoint: (now) => {
        // A point may be two: a server that was killed while it started was killed before that as well.
        if (now.points < told + PROGRESS_EVERY) return;
        told = now.points - (now.points % PROGRESS_EVERY);
        console.log(reportProgress(now, performance.now() - start));
      },
    });
    console.log(report(tally, performance.now() - start, options.seed));
    if (tally.faults.length > 0) process.exitCode = 1;
  } catch (error) {
    console.error(`seed ${options.seed}:`, error);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
