import { parentPort } from 'node:worker_threads';
import { compareTexts, type TextPair, type TextRun } from './compareTexts.ts';

/** What the worker is asked, one at a time. */
export type CompareJob = TextPair;

/** What it answers. */
export type CompareAnswer =
  | { readonly outcome: 'compared'; readonly runs: readonly TextRun[] }
  | { readonly outcome: 'failed'; readonly error: string };

parentPort?.on('message', (job: CompareJob) => parentPort?.postMessage(run(job)));

function run(job: CompareJob): CompareAnswer {
  try {
    return { outcome: 'compared', runs: compareTexts(job) };
  } catch (error) {
    return { outcome: 'failed', error: String(error) };
  }
}
