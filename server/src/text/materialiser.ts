import { Worker } from 'node:worker_threads';
import { toWorkerUrl } from '../lifecycle/toWorkerUrl.ts';
import { type Materialised, materialise } from './materialise.ts';
import type { MaterialiseAnswer, MaterialiseJob } from './materialiseWorker.ts';

/** Up to this size a text is materialised in a millisecond or two, about what a round trip to a thread costs. */
const MAX_INLINE_BYTES = 16 * 1024;

/** Materialises whole texts: small ones at once, others in a worker thread, so that nobody waits for a large one. */
export type Materialiser = {
  /** Rejects where it cannot be made, or where it needs the worker and that has ended. */
  make<Kind extends keyof Materialised>(
    kind: Kind,
    whole: Uint8Array,
    field: string,
  ): Promise<Materialised[Kind]>;
  /** Ends the worker. Idempotent. */
  close(): Promise<void>;
};

type Waiting = { resolve(value: Materialised[keyof Materialised]): void; reject(error: Error): void };

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

  function ask(request: Omit<MaterialiseJob, 'job'>): Promise<Materialised[keyof Materialised]> {
    const { worker, waiting } = (thread ??= startThread());
    const job = jobs++;
    return new Promise((resolve, reject) => {
      waiting.set(job, { resolve, reject });
      worker.postMessage({ job, ...request } satisfies MaterialiseJob);
    });
  }

  return {
    async make<Kind extends keyof Materialised>(kind: Kind, whole: Uint8Array, field: string) {
      if (whole.byteLength <= MAX_INLINE_BYTES) return materialise(kind, whole, field);
      if (isClosed) throw new Error('the materialiser is closed');
      // The worker answers with what the kind stands for.
      return (await ask({ kind, whole, field })) as Materialised[Kind];
    },
    close: async () => {
      isClosed = true;
      await thread?.worker.terminate();
    },
  };
}

function settle(waiting: Waiting | undefined, answer: MaterialiseAnswer): void {
  if (answer.outcome === 'made') waiting?.resolve(answer.value);
  else waiting?.reject(new Error(answer.error));
}
