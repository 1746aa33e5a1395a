import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { EventStoreError } from '../eventStoreError.ts';
import { toReason } from './sqliteErrors.ts';
import type { Answered, FromWorker, ToWorker, WorkerData } from './workerMessages.ts';

export type SqliteWorker = {
  readonly post: (message: ToWorker) => void;
  /** Resolves when the file is closed and the thread has ended. */
  readonly close: () => Promise<void>;
};

export type SqliteWorkerEvents = {
  readonly onAnswers: (answered: Answered) => void;
  /** Called at most once, where the thread ended without being told to; nothing is answered from then on. */
  readonly onFailure: (error: EventStoreError) => void;
};

/** Rejects with `EventStoreError` where the file cannot be opened; the thread has ended then. */
export async function startSqliteWorker(path: string, events: SqliteWorkerEvents): Promise<SqliteWorker> {
  // As source it is a .ts file, and in a package what this file has become.
  const url = new URL(`./sqliteWorker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(url, { name: 'sqlite', workerData: { path } satisfies WorkerData });
  const opening = Promise.withResolvers<undefined>();
  const ended = Promise.withResolvers<undefined>();
  let refusal: EventStoreError | undefined;
  let crash: unknown;
  let isClosing = false;

  worker.on('message', (message: FromWorker) => {
    if (message.type === 'answers') events.onAnswers(message);
    else if (message.type === 'opened') opening.resolve(undefined);
    else refusal = new EventStoreError(message.error.code, message.error.message);
  });
  worker.on('error', (error) => {
    crash = error;
  });
  worker.on('exit', (code) => {
    ended.resolve(undefined);
    if (isClosing && code === 0) return;
    const reason = crash === undefined ? `its thread ended with code ${code}` : toReason(crash);
    const error = new EventStoreError('unavailable', `the event store ${path} broke down: ${reason}`, {
      cause: crash,
    });
    opening.reject(refusal ?? error);
    events.onFailure(refusal ?? error);
  });
  await opening.promise;

  function post(message: ToWorker): void {
    worker.postMessage(message);
  }

  return {
    post,
    async close() {
      isClosing = true;
      post({ type: 'close' });
      await ended.promise;
    },
  };
}
