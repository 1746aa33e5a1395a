import { type EncodedStoredEvent, toEventSize } from '../encodedEvent.ts';
import type { AppendRequest, EventLog, OnAppended } from '../eventLog.ts';
import type { AppendResult } from '../eventStore.ts';
import { EventStoreError } from '../eventStoreError.ts';
import { type Answers, type Arguments, type Operation, WRITE_OPERATIONS } from './eventTables.ts';
import { createRequestQueue, type RequestQueue, type RequestQueueLimits } from './requestQueue.ts';
import { startSqliteWorker } from './startSqliteWorker.ts';
import type { Answered, WorkerAnswer, WorkerRequest } from './workerMessages.ts';

const MEBIBYTE = 1024 * 1024;

/** As much as the worker is given at once is one transaction. */
const WRITE_LIMITS: RequestQueueLimits = {
  unanswered: { requests: 1_024, bytes: 8 * MEBIBYTE },
  waiting: { requests: 100_000, bytes: 256 * MEBIBYTE },
};

/** Apart from writes, which must not wait for them. Each may be answered by a page of a mebibyte. */
const READ_LIMITS: RequestQueueLimits = {
  unanswered: { requests: 32, bytes: Infinity },
  waiting: { requests: 100_000, bytes: Infinity },
};

type Call = {
  readonly request: WorkerRequest;
  readonly queue: RequestQueue<Call>;
  readonly size: number;
  readonly resolve: (value: Answers[Operation]) => void;
  readonly reject: (error: EventStoreError) => void;
};

/** What went to the worker in one message. */
type Batch = { unanswered: number };

// One that the worker is at and one that it goes on with: what comes meanwhile waits and goes together, for a message
// costs as much as what is in it.
const MAX_BATCHES_UNDER_WAY = 2;

export type SqliteEventLogOptions = {
  readonly path: string;
  readonly onAppended: OnAppended;
  /** Called after each commit with the number of writes that shared it. */
  readonly onCommit?: ((writes: number) => void) | undefined;
};

/** Rejects with `EventStoreError` where the file cannot be opened. */
export async function openSqliteEventLog({
  path,
  onAppended,
  onCommit,
}: SqliteEventLogOptions): Promise<EventLog> {
  const writes = createRequestQueue<Call>(WRITE_LIMITS);
  const reads = createRequestQueue<Call>(READ_LIMITS);
  const calls = new Map<number, Call & { readonly batch: Batch }>();
  let batchesUnderWay = 0;
  let lastNumber = 0;
  let isFlushing = false;
  const broken = Promise.withResolvers<EventStoreError>();
  let failure: EventStoreError | undefined;

  const worker = await startSqliteWorker(path, { onAnswers, onFailure });

  function onAnswers({ answers, committed }: Answered): void {
    if (committed !== undefined) onCommit?.(committed);
    for (const answer of answers) settle(answer);
    flush();
  }

  function settle(answer: WorkerAnswer): void {
    const call = calls.get(answer.number);
    if (!call) return;
    calls.delete(answer.number);
    call.queue.settle(call);
    call.batch.unanswered -= 1;
    if (call.batch.unanswered === 0) batchesUnderWay -= 1;
    if ('error' in answer) {
      call.reject(new EventStoreError(answer.error.code, answer.error.message));
      return;
    }
    if (call.request.operation === 'append') publish(call.request.argument, answer.value as AppendResult);
    call.resolve(answer.value);
  }

  function publish({ stream, events }: AppendRequest, result: AppendResult): void {
    if (result.outcome !== 'appended' || result.repeated) return;
    const { firstRevision, position } = result;
    // One append's events have positions in a row: nothing else is inserted between them.
    const firstPosition = position - BigInt(events.length - 1);
    onAppended(
      events.map((event, index): EncodedStoredEvent => {
        const offset = BigInt(index);
        return { ...event, stream, revision: firstRevision + offset, position: firstPosition + offset };
      }),
    );
  }

  function onFailure(error: EventStoreError): void {
    failure = error;
    broken.resolve(error);
    for (const call of [...calls.values(), ...writes.clear(), ...reads.clear()]) call.reject(error);
    calls.clear();
  }

  function flush(): void {
    if (batchesUnderWay >= MAX_BATCHES_UNDER_WAY) return;
    const taken = [...writes.take(), ...reads.take()];
    if (taken.length === 0) return;
    const batch: Batch = { unanswered: taken.length };
    batchesUnderWay += 1;
    for (const call of taken) calls.set(call.request.number, { ...call, batch });
    worker.post({ type: 'requests', requests: taken.map(({ request }) => request) });
  }

  /** What is asked for in one turn goes to the worker in one message, so that its writes share a commit. */
  function flushSoon(): void {
    if (isFlushing) return;
    isFlushing = true;
    queueMicrotask(() => {
      isFlushing = false;
      flush();
    });
  }

  function call<O extends Operation>(operation: O, argument: Arguments[O], size = 0): Promise<Answers[O]> {
    return new Promise((resolve, reject) => {
      if (failure) throw failure;
      lastNumber += 1;
      // The worker answers a number with what its operation answers.
      const request = { number: lastNumber, operation, argument } as WorkerRequest;
      const settle = resolve as (value: Answers[Operation]) => void;
      const queue = WRITE_OPERATIONS.has(operation) ? writes : reads;
      if (!queue.add({ request, queue, size, resolve: settle, reject })) {
        throw new EventStoreError('unavailable', `the event store ${path} is overloaded: try again later`);
      }
      flushSoon();
    });
  }

  return {
    append: (request) => call('append', request, toSize(request)),
    readStream: (request) => call('readStream', request),
    findEvent: (request) => call('findEvent', request),
    readAll: (request) => call('readAll', request),
    truncateBefore: (stream, revision) => call('truncateBefore', { stream, revision }),
    tombstone: (stream) => call('tombstone', { stream }),
    broken: broken.promise,
    close: () => worker.close(),
  };
}

function toSize({ events }: AppendRequest): number {
  return events.reduce((size, event) => size + toEventSize(event), 0);
}
