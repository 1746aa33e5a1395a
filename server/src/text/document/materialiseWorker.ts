import { parentPort } from 'node:worker_threads';
import { type EditOrder, type MadeEdit, makeEdit } from '../edits/makeEdit.ts';
import { type Materialised, materialise } from './materialise.ts';

/** What the worker is asked for. */
export type MaterialiseTask =
  | {
      readonly task: 'materialise';
      readonly kind: keyof Materialised;
      readonly whole: Uint8Array;
      readonly field: string;
    }
  | { readonly task: 'edit'; readonly order: EditOrder };

export type MaterialiseJob = MaterialiseTask & { readonly job: number };

export type Made = Materialised[keyof Materialised] | MadeEdit;

/** What it answers, once a job. */
export type MaterialiseAnswer =
  | { readonly job: number; readonly outcome: 'made'; readonly value: Made }
  | { readonly job: number; readonly outcome: 'failed'; readonly error: string };

parentPort?.on('message', (job: MaterialiseJob) => parentPort?.postMessage(run(job)));

function run(job: MaterialiseJob): MaterialiseAnswer {
  try {
    return { job: job.job, outcome: 'made', value: make(job) };
  } catch (error) {
    return { job: job.job, outcome: 'failed', error: String(error) };
  }
}

function make(task: MaterialiseTask): Made {
  return task.task === 'edit' ? makeEdit(task.order) : materialise(task.kind, task.whole, task.field);
}
