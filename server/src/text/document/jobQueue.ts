import { Worker } from 'node:worker_threads';
import type { Clock } from '../../lifecycle/clock.ts';
import { OverloadedError } from './overloadedError.ts';

export type JobQueueOptions<Job> = {
  /** Of the worker's module, which answers each message with one. */
  readonly worker: URL;
  /** What does the jobs, for messages to people. */
  readonly name: string;
  readonly clock: Clock;
  /** How long one job may run before its thread is ended. */
  readonly maxMilliseconds: number;
  /** Jobs that wait or run, and the bytes of them. A job that is alone may have any size. */
  readonly maxJobs: number;
  readonly maxBytes: number;
  /** Called when a job's turn has come, to reject it unseen by throwing. Default: none is rejected. */
  readonly onTurn?: (job: Job) => void;
  /** A job took longer than it may. */
  readonly onExpired?: (job: Job) => void;
};

/** Jobs done one after the other in a worker thread, so that one that never ends can be ended by itself. */
export type JobQueue<Job, Answer> = {
  /**
   * Resolves with the worker's answer. Rejects where the job takes too long, or the worker failed or has ended; with an
   * `OverloadedError` where too much waits.
   */
  ask(job: Job, bytes: number): Promise<Answer>;
  /** Whether `ask` would not reject as overloaded. */
  hasRoomFor(bytes: number): boolean;
  /** Ends the worker and rejects what waits. Idempotent. */
  close(): Promise<void>;
};

/** The worker starts with the first job, and anew after it failed or was ended. Whoever creates this closes it. */
export function createJobQueue<Job, Answer>(options: JobQueueOptions<Job>): JobQueue<Job, Answer> {
  const { name, clock, maxMilliseconds, maxJobs, maxBytes, onTurn, onExpired } = options;
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let [waitingJobs, waitingBytes] = [0, 0];
  let isClosed = false;

  function startWorker(): Worker {
    const started = new Worker(options.worker);
    // It must not keep a process alive that is done; and an error ends it, which whoever waits hears of.
    started.unref();
    started.on('error', () => undefined);
    started.on('exit', () => {
      if (worker === started) worker = undefined;
    });
    return started;
  }

  async function run(job: Job): Promise<Answer> {
    if (isClosed) throw new Error(`the ${name} is closed`);
    onTurn?.(job);
    const thread = (worker ??= startWorker());
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    let failure = new Error(`the ${name} failed or was closed`);
    const onError = (cause: unknown) => (failure = new Error(`the ${name} failed`, { cause }));
    // Behind every error; the next job must find this thread gone.
    const onExit = () => reject(failure);
    thread.once('message', resolve).once('error', onError).once('exit', onExit);
    const cancelDeadline = clock.after(maxMilliseconds, () => {
      failure = new Error('the text takes too long');
      onExpired?.(job);
      if (worker === thread) worker = undefined;
      // Its exit is waited for, so that no two threads run at a time.
      void thread.terminate();
    });
    try {
      thread.postMessage(job);
      return await promise;
    } finally {
      cancelDeadline();
      thread.off('message', resolve).off('error', onError).off('exit', onExit);
    }
  }

  const hasRoomFor = (bytes: number) =>
    waitingJobs === 0 || (waitingJobs < maxJobs && waitingBytes + bytes <= maxBytes);

  return {
    ask: async (job, bytes) => {
      if (isClosed) throw new Error(`the ${name} is closed`);
      if (!hasRoomFor(bytes)) throw new OverloadedError(`too much waits for the ${name}`);
      waitingJobs++;
      waitingBytes += bytes;
      const done = last.then(() => run(job));
      last = done.catch(() => undefined);
      try {
        return await done;
      } finally {
        waitingJobs--;
        waitingBytes -= bytes;
      }
    },
    hasRoomFor,
    close: async () => {
      isClosed = true;
      await worker?.terminate();
      await last;
    },
  };
}
