import type { IDBPTransaction } from 'idb';

type Transaction = IDBPTransaction<unknown, string[], 'readwrite'>;

/** Resolves when the transaction is complete; where any of it fails, nothing of it is done. */
export async function inTransaction<Tx extends Transaction, Result>(
  transaction: Tx,
  work: (transaction: Tx) => Promise<Result>,
): Promise<Result> {
  const over = Promise.withResolvers<undefined>();
  transaction.addEventListener('complete', () => over.resolve(undefined));
  // It knows the reason by then, which `done` does not wait for.
  transaction.addEventListener('abort', () => over.reject(transaction.error as Error));
  for (const promise of [over.promise, transaction.done]) promise.catch(() => undefined);
  try {
    const result = await work(transaction);
    await over.promise;
    return result;
  } catch (error) {
    // What ended it says more than what it ended.
    const cause = transaction.error ?? error;
    abort(transaction);
    throw cause;
  }
}

function abort(transaction: Transaction): void {
  try {
    transaction.abort();
  } catch {
    // It is over already.
  }
}
