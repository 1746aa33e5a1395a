import type { DatabaseSync } from 'node:sqlite';
import type { EventTables, Operation } from './eventTables.ts';
import { toRunningError } from './sqliteErrors.ts';
import type { Answered, WorkerAnswer, WorkerRequest } from './workerMessages.ts';

export type OperationRunner = {
  readonly read: (request: WorkerRequest) => Answered;
  /**
   * Runs all of them in one transaction, so that they share one wait for the disk. What one of them throws undoes just
   * that one; where the commit fails, all of them have failed.
   */
  readonly writeTogether: (requests: readonly WorkerRequest[]) => Answered;
};

export function createOperationRunner(
  database: DatabaseSync,
  tables: EventTables,
  path: string,
): OperationRunner {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const startOne = database.prepare('SAVEPOINT one');
  const undoOne = database.prepare('ROLLBACK TO one');
  const endOne = database.prepare('RELEASE one');

  function run<O extends Operation>({ number, operation, argument }: WorkerRequest<O>): WorkerAnswer {
    return { number, value: tables[operation](argument) };
  }

  function toFailure({ number }: WorkerRequest, error: unknown): WorkerAnswer {
    const { code, message } = toRunningError(error, path);
    return { number, error: { code, message } };
  }

  function writeOne(request: WorkerRequest): WorkerAnswer {
    startOne.run();
    try {
      return run(request);
    } catch (error) {
      // Some faults, a full disk for one, make SQLite end the whole transaction.
      if (!database.isTransaction) throw error;
      undoOne.run();
      return toFailure(request, error);
    } finally {
      if (database.isTransaction) endOne.run();
    }
  }

  return {
    read(request) {
      try {
        return { answers: [run(request)] };
      } catch (error) {
        return { answers: [toFailure(request, error)] };
      }
    },

    writeTogether(requests) {
      try {
        begin.run();
        const answers = requests.map(writeOne);
        commit.run();
        return { answers, committed: requests.length };
      } catch (error) {
        if (database.isTransaction) rollback.run();
        return { answers: requests.map((request) => toFailure(request, error)) };
      }
    },
  };
}
