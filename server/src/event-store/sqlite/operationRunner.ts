import type { DatabaseSync } from 'node:sqlite';
import type { EventTables, Operation } from './eventTables.ts';
import { toRunningError } from './sqliteErrors.ts';
import type { Answered, WorkerAnswer, WorkerRequest } from './workerMessages.ts';

export type OperationRunner = {
  readonly read: (request: WorkerRequest) => Answered;
  /**
   * Runs all of them in one transaction, so that they share one wait for the disk. Where that fails each of them is
   * tried once more in a transaction of its own, so that it fails for its own faults only.
   */
  readonly writeTogether: (requests: readonly WorkerRequest[]) => readonly Answered[];
};

export function createOperationRunner(
  database: DatabaseSync,
  tables: EventTables,
  path: string,
): OperationRunner {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');

  function run<O extends Operation>({ number, operation, argument }: WorkerRequest<O>): WorkerAnswer {
    return { number, value: tables[operation](argument) };
  }

  function toFailure({ number }: WorkerRequest, error: unknown): Answered {
    const { code, message } = toRunningError(error, path);
    return { answers: [{ number, error: { code, message } }] };
  }

  function writeInOneTransaction(requests: readonly WorkerRequest[]): Answered {
    try {
      begin.run();
      const answers = requests.map(run);
      commit.run();
      return { answers, committed: requests.length };
    } catch (error) {
      // Some faults, a full disk for one, have ended the transaction already.
      if (database.isTransaction) rollback.run();
      throw error;
    }
  }

  function writeAlone(request: WorkerRequest): Answered {
    try {
      return writeInOneTransaction([request]);
    } catch (error) {
      return toFailure(request, error);
    }
  }

  return {
    read(request) {
      try {
        return { answers: [run(request)] };
      } catch (error) {
        return toFailure(request, error);
      }
    },

    writeTogether(requests) {
      try {
        return [writeInOneTransaction(requests)];
      } catch {
        // What it was shows again where it belongs.
        return requests.map(writeAlone);
      }
    },
  };
}
