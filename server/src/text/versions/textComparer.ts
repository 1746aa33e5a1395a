import { Worker } from 'node:worker_threads';
import { toWorkerUrl } from '../../lifecycle/toWorkerUrl.ts';
import { compareTexts, type TextPair, type TextRun } from './compareTexts.ts';
import type { CompareAnswer, CompareJob } from './compareWorker.ts';

/** Code units of both texts up to which comparing them keeps nobody waiting. */
const MAX_INLINE_LENGTH = 1024;

/** Each may hold two large texts for as long as it waits. */
const MAX_WAITING = 32;

/** Compares texts: short ones at once, others one after the other in a worker thread. */
export type TextComparer = {
  /** Undefined where too many wait already. Rejects where the worker failed or has ended. */
  compare(pair: TextPair): Promise<readonly TextRun[] | undefined>;
  /** Ends the worker. Idempotent. */
  close(): Promise<void>;
};

/** The worker starts with the first texts that need it, and anew after it failed. Whoever creates this closes it. */
export function createTextComparer(): TextComparer {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isClosed = false;

  function startWorker(): Worker {
    const started = new Worker(toWorkerUrl('compareWorker', import.meta.url));
    // It must not keep a process alive that is done; and an error ends it, which whoever waits hears of.
    started.unref();
    started.on('error', () => undefined);
    started.on('exit', () => {
      if (worker === started) worker = undefined;
    });
    return started;
  }

  async function ask(job: CompareJob): Promise<readonly TextRun[]> {
    if (isClosed) throw new Error('the comparer is closed');
    const asked = (worker ??= startWorker());
    const { promise, resolve, reject } = Promise.withResolvers<CompareAnswer>();
    const onExit = () => reject(new Error('the comparer failed or was closed'));
    asked.once('message', resolve).once('error', reject).once('exit', onExit);
    asked.postMessage(job);
    try {
      const answer = await promise;
      if (answer.outcome === 'failed') throw new Error(answer.error);
      return answer.runs;
    } finally {
      asked.off('message', resolve).off('error', reject).off('exit', onExit);
    }
  }

  async function askInTurn(job: CompareJob): Promise<readonly TextRun[]> {
    waiting++;
    const asked = last.then(() => ask(job));
    last = asked.catch(() => undefined);
    try {
      return await asked;
    } finally {
      waiting--;
    }
  }

  return {
    compare: async (pair) => {
      if (pair.older.length + pair.newer.length <= MAX_INLINE_LENGTH) return compareTexts(pair);
      return waiting < MAX_WAITING ? askInTurn(pair) : undefined;
    },
    close: async () => {
      isClosed = true;
      await worker?.terminate();
    },
  };
}
