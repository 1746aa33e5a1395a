/**
 * Reads of one key, one after the other and shared: at most one is under way and one waits, however many ask. Holds
 * what its callers wait for and nothing else.
 */
export type SharedReads<Key, Result> = {
  /** A read that begins after it was asked for, so that it sees what was stored until then. */
  fresh(key: Key, read: () => Promise<Result>): Promise<Result>;
  /** The same, or the read that is under way. */
  any(key: Key, read: () => Promise<Result>): Promise<Result>;
};

type Reads<Result> = { running?: Promise<Result> | undefined; waiting?: Promise<Result> | undefined };

export function createSharedReads<Key, Result>(): SharedReads<Key, Result> {
  const reads = new Map<Key, Reads<Result>>();

  function open(key: Key): Reads<Result> {
    const known = reads.get(key) ?? {};
    reads.set(key, known);
    return known;
  }

  async function runAfter(key: Key, own: Reads<Result>, read: () => Promise<Result>): Promise<Result> {
    // It also lets those join that ask in the same turn. How the one before ended is for its own callers.
    await Promise.allSettled([own.running]);
    own.running = own.waiting;
    own.waiting = undefined;
    const current = own.running;
    try {
      return await read();
    } finally {
      if (own.running === current) own.running = undefined;
      if (!own.running && !own.waiting) reads.delete(key);
    }
  }

  function fresh(key: Key, read: () => Promise<Result>): Promise<Result> {
    const own = open(key);
    own.waiting ??= runAfter(key, own, read);
    return own.waiting;
  }

  return {
    fresh,
    any: (key, read) => reads.get(key)?.running ?? fresh(key, read),
  };
}
