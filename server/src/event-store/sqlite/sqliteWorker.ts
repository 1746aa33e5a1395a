import type { DatabaseSync } from 'node:sqlite';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { createEventTables, WRITE_OPERATIONS } from './eventTables.ts';
import { openDatabase } from './openDatabase.ts';
import { createOperationRunner, type OperationRunner } from './operationRunner.ts';
import { toOpeningError } from './sqliteErrors.ts';
import type { Answered, FromWorker, ToWorker, WorkerData, WorkerRequest } from './workerMessages.ts';

/**
 * Answers requests until it is told to close. All writes that wait make one transaction; between two transactions
 * one read is answered, so neither side keeps the other waiting for long.
 */
function serve(database: DatabaseSync, runner: OperationRunner, port: MessagePort): void {
  const writes: WorkerRequest[] = [];
  const reads: WorkerRequest[] = [];
  let isClosing = false;

  function take(message: ToWorker): void {
    if (message.type === 'close') {
      isClosing = true;
      return;
    }
    for (const request of message.requests) {
      const waiting = WRITE_OPERATIONS.has(request.operation) ? writes : reads;
      waiting.push(request);
    }
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
    const database = openDatabase(path);
    serve(database, createOperationRunner(database, createEventTables(database), path), port);
  } catch (error) {
    const refusal = toOpeningError(error, path);
    if (!refusal) throw error;
    const { code, message } = refusal;
    port.postMessage({ type: 'refused', error: { code, message } } satisfies FromWorker);
  }
}

if (!parentPort) throw new Error('sqliteWorker runs as a worker thread');
start(parentPort, workerData as WorkerData);
