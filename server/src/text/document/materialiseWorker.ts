import { parentPort } from 'node:worker_threads';
import { type EditOrder, type MadeEdit, makeEdit } from '../edits/makeEdit.ts';
import { type Materialised, materialise } from './materialise.ts';

/** What the worker is asked for, one at a time. */
export type MaterialiseTask =
  | {
      readonly task: 'materialise';
      readonly kind: keyof Materialised;
      readonly whole: Uint8Array;
      readonly field: string;
    }
  | { readonly task: 'edit'; readonly order: EditOrder };

export type Made = Materialised[keyof Materialised] | MadeEdit;

/** What it answers. */
export type MaterialiseAnswer =
  { readonly outcome: 'made'; readonly value: Made } | { readonly outcome: 'failed'; readonly error: string };

parentPort?.on('message', (task: MaterialiseTask) => parentPort?.postMessage(run(task)));

function run(task: MaterialiseTask): MaterialiseAnswer {
  try {
    return { outcome: 'made', value: make(task) };
  } catch (error) {
    return { outcome: 'failed', error: String(error) };
  }
}

function make(task: MaterialiseTask): Made {
  return task.task === 'edit' ? makeEdit(task.order) : materialise(task.kind, task.whole, task.field);
}
