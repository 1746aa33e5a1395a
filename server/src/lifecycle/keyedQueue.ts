/** Runs tasks of one key one after the other, tasks of different keys side by side. */
export type KeyedQueue<Key> = {
  /** Resolves or rejects as the task does. A task that fails does not stop the next. */
  run<Result>(key: Key, task: () => Promise<Result>): Promise<Result>;
};

/** The queue holds what its callers wait for and nothing else, so it is bounded by them. */
export function createKeyedQueue<Key>(): KeyedQueue<Key> {
  const tails = new Map<Key, Promise<unknown>>();

  async function run<Result>(key: Key, task: () => Promise<Result>): Promise<Result> {
    const previous = tails.get(key) ?? Promise.resolve();
    const current = previous.then(task, task);
    tails.set(key, current);
    try {
      return await current;
    } finally {
      if (tails.get(key) === current) tails.delete(key);
    }
  }

  return { run };
}
