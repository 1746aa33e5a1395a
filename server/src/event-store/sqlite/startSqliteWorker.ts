import { Worker } from 'node:worker_threads';
import { toWorkerUrl } from '../../lifecycle/toWorkerUrl.ts';
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
  const url = toWorkerUrl('sqliteWorker', import.meta.url);
  const worker = new Worker(url, {
    name: 'sqlite',
    workerData: { path } satisfies WorkerData,
    // Nothing that passes through lives long; without a limit V8 reserves tens of megabytes for it.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  const opening = Promise.withResolvers<undefined>();
  const ended = Promise.withResolvers<undefined>();
  let refusal: EventStoreError | undefined;
  let failure: EventStoreError | undefined;
  let isClosing = false;

  function fail(reason: string): void {
    failure ??=
      refusal ?? new EventStoreError('unavailable', `the event store ${path} broke down: ${reason}`);
    opening.reject(failure);
    events.onFailure(failure);
  }

  worker.on('message', (message: FromWorker) => {
    if (message.type === 'answers') events.onAnswers(message);
    else if (message.type === 'opened') opening.resolve(undefined);
    else refusal = new EventStoreError(message.error.code, message.error.message);
  });
  worker.on('error', (error) => fail(toReason(error)));
  worker.on('exit', (code) => {
    if (!failure && !(isClosing && code === 0)) fail(`its thread ended with code ${code}`);
    ended.resolve(undefined);
  });
  await opening.promise;

  return {
    post: (message) => worker.postMessage(message),

    async close() {
      isClosing = true;
      worker.postMessage({ type: 'close' } satisfies ToWorker);
      await ended.promise;
      if (failure) throw failure;
    },
  };
}
