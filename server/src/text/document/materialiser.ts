import { Worker } from 'node:worker_threads';
import { toWorkerUrl } from '../../lifecycle/toWorkerUrl.ts';
import { type EditOrder, type MadeEdit, makeEdit } from '../edits/makeEdit.ts';
import { type Materialised, materialise } from './materialise.ts';
import type { Made, MaterialiseAnswer, MaterialiseJob, MaterialiseTask } from './materialiseWorker.ts';

/** Up to this size a text is materialised in a millisecond or two, about what a round trip to a thread costs. */
const MAX_INLINE_BYTES = 16 * 1024;

/** The same for what an edit is made of. Comparing takes longer than reading: at worst about ten milliseconds. */
const MAX_INLINE_EDIT_BYTES = 1024;

/** Materialises whole texts: small ones at once, others in a worker thread, so that nobody waits for a large one. */
export type Materialiser = {
  /** Rejects where it cannot be made, or where it needs the worker and that has ended. */
  make<Kind extends keyof Materialised>(
    kind: Kind,
    whole: Uint8Array,
    field: string,
  ): Promise<Materialised[Kind]>;
  /** Makes an edit of a text. Rejects as `make` does. */
  edit(order: EditOrder): Promise<MadeEdit>;
  /** Ends the worker. Idempotent. */
  close(): Promise<void>;
};

type Waiting = { resolve(value: Made): void; reject(error: Error): void };

type Thread = { readonly worker: Worker; readonly waiting: Map<number, Waiting> };

/** The worker starts with the first text that needs it, and anew after it failed. Whoever creates this closes it. */
export function createMaterialiser(): Materialiser {
  let thread: Thread | undefined;
  let isClosed = false;
  let jobs = 0;

  function startThread(): Thread {
    const waiting = new Map<number, Waiting>();
    const worker = new Worker(toWorkerUrl('materialiseWorker', import.meta.url));
    let failure = new Error('the materialiser is closed');
    worker.on('message', (answer: MaterialiseAnswer) => {
      settle(waiting.get(answer.job), answer);
      waiting.delete(answer.job);
    });
    worker.on('error', (cause) => (failure = new Error('the materialiser failed', { cause })));
    worker.on('exit', () => {
      if (thread?.worker === worker) thread = undefined;
      for (const { reject } of waiting.values()) reject(failure);
    });
    return { worker, waiting };
  }

  async function ask(task: MaterialiseTask): Promise<Made> {
    if (isClosed) throw new Error('the materialiser is closed');
    const { worker, waiting } = (thread ??= startThread());
    const job = jobs++;
    return new Promise((resolve, reject) => {
      waiting.set(job, { resolve, reject });
      worker.postMessage({ job, ...task } satisfies MaterialiseJob);
    });
  }

  return {
    async make<Kind extends keyof Materialised>(kind: Kind, whole: Uint8Array, field: string) {
      if (whole.byteLength <= MAX_INLINE_BYTES) return materialise(kind, whole, field);
      // The worker answers with what the kind stands for.
      return (await ask({ task: 'materialise', kind, whole, field })) as Materialised[Kind];
    },
    async edit(order) {
      if (sizeOf(order) <= MAX_INLINE_EDIT_BYTES) return makeEdit(order);
      return (await ask({ task: 'edit', order })) as MadeEdit;
    },
    close: async () => {
      isClosed = true;
      await thread?.worker.terminate();
    },
  };
}

/** About the bytes that an edit has to do with. Of content it is not known, which takes time itself to find out. */
function sizeOf({ whole, edit }: EditOrder): number {
  if (edit.kind === 'content') return Infinity;
  const inserted =
    edit.kind === 'text'
      ? edit.text.length
      : edit.edits.reduce((sum, { insert = '' }) => sum + insert.length + SPAN_BYTES, 0);
  return whole.byteLength + inserted;
}

/** What a span of an edit costs besides its text. */
const SPAN_BYTES = 16;

function settle(waiting: Waiting | undefined, answer: MaterialiseAnswer): void {
  if (answer.outcome === 'made') waiting?.resolve(answer.value);
  else waiting?.reject(new Error(answer.error));
}
