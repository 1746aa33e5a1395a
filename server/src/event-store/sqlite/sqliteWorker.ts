import type { DatabaseSync } from 'node:sqlite';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { EventStoreError } from '../eventStoreError.ts';
import { createEventTables, type Operation } from './eventTables.ts';
import { openDatabase } from './openDatabase.ts';
import { createOperationRunner } from './operationRunner.ts';
import type { Answered, FromWorker, ToWorker, WorkerData, WorkerRequest } from './workerMessages.ts';

const WRITES: ReadonlySet<Operation> = new Set(['append', 'truncateBefore', 'tombstone']);

/**
 * Answers requests until it is told to close. All writes that wait make one transaction; between two transactions
 * one read is answered, so neither side keeps the other waiting for long.
 */
function serve(database: DatabaseSync, path: string, port: MessagePort): void {
  const runner = createOperationRunner(database, createEventTables(database), path);
  const writes: WorkerRequest[] = [];
  const reads: WorkerRequest[] = [];
  let isClosing = false;

  function take(message: ToWorker): void {
    if (message.type === 'close') isClosing = true;
    else
      for (const request of message.requests) (WRITES.has(request.operation) ? writes : reads).push(request);
  }

  function takeAllWaiting(): void {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      take(next.message as ToWorker);
    }
  }

  function answer(answered: Answered): void {
    send({ type: 'answers', ...answered });
  }

  function send(message: FromWorker): void {
    port.postMessage(message);
  }

  port.on('message', (message: ToWorker) => {
    take(message);
    while (writes.length + reads.length > 0) {
      takeAllWaiting();
      if (writes.length > 0) runner.writeTogether(writes.splice(0)).forEach(answer);
      const read = reads.shift();
      if (read) answer(runner.read(read));
    }
    if (isClosing) {
      port.close();
      database.close();
    }
  });
  send({ type: 'opened' });
}

function start(port: MessagePort, { path }: WorkerData): void {
  try {
    serve(openDatabase(path), path, port);
  } catch (error) {
    if (!(error instanceof EventStoreError)) throw error;
    const { code, message } = error;
    port.postMessage({ type: 'refused', error: { code, message } } satisfies FromWorker);
  }
}

if (!parentPort) throw new Error('sqliteWorker runs as a worker thread');
start(parentPort, workerData as WorkerData);
