import { parentPort } from 'node:worker_threads';
import { type Materialised, materialise } from './materialise.ts';

/** What the worker is asked. */
export type MaterialiseJob = {
  readonly job: number;
  readonly kind: keyof Materialised;
  readonly whole: Uint8Array;
  readonly field: string;
};

/** What it answers, once a job. */
export type MaterialiseAnswer =
  | { readonly job: number; readonly outcome: 'made'; readonly value: Materialised[keyof Materialised] }
  | { readonly job: number; readonly outcome: 'failed'; readonly error: string };

parentPort?.on('message', (job: MaterialiseJob) => parentPort?.postMessage(run(job)));

function run({ job, kind, whole, field }: MaterialiseJob): MaterialiseAnswer {
  try {
    return { job, outcome: 'made', value: materialise(kind, whole, field) };
  } catch (error) {
    return { job, outcome: 'failed', error: String(error) };
  }
}
