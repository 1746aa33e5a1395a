import type { EventStore } from '../event-store/eventStore.ts';

export type WatchedStore = {
  readonly store: EventStore;
  /** Whether the last append did not fail and the store can be read now. */
  isHealthy(): Promise<boolean>;
};

/** Notes whether a store's appends succeed, so that readiness can tell. */
export function watchStoreHealth(inner: EventStore): WatchedStore {
  let appendsSucceed = true;

  const append: EventStore['append'] = async (stream, events, expectedRevision) => {
    try {
      const result = await inner.append(stream, events, expectedRevision);
      appendsSucceed = true;
      return result;
    } catch (error) {
      appendsSucceed = false;
      throw error;
    }
  };

  return {
    store: {
      append,
      readStream: (stream, options) => inner.readStream(stream, options),
      readAll: (options) => inner.readAll(options),
      subscribeToStream: (stream, after, handlers) => inner.subscribeToStream(stream, after, handlers),
      subscribeToAll: (options, handlers) => inner.subscribeToAll(options, handlers),
      truncateBefore: (stream, revision) => inner.truncateBefore(stream, revision),
      tombstone: (stream) => inner.tombstone(stream),
      close: () => inner.close(),
    },
    isHealthy: async () => {
      if (!appendsSucceed) return false;
      try {
        await inner.readAll({ limit: 1 });
        return true;
      } catch {
        // That it cannot be read is the answer; whoever needed to read it reports why.
        return false;
      }
    },
  };
}
