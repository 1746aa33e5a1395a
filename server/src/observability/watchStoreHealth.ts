import type { EventStore } from '../event-store/eventStore.ts';
import type { Clock } from '../lifecycle/clock.ts';

export type WatchedStore = {
  readonly store: EventStore;
  /** Whether the store can be read, and no append has failed lately without one that succeeded since. */
  isHealthy(): Promise<boolean>;
};

// Who is not ready is sent no writes, and so would never learn that they succeed again.
const FORGIVEN_AFTER_MS = 10_000;

/** Notes whether a store's appends succeed, so that readiness can tell. */
export function watchStoreHealth(inner: EventStore, clock: Clock): WatchedStore {
  let failedAt = -Infinity;

  const append: EventStore['append'] = async (stream, events, expectedRevision) => {
    try {
      const result = await inner.append(stream, events, expectedRevision);
      failedAt = -Infinity;
      return result;
    } catch (error) {
      failedAt = clock.now();
      throw error;
    }
  };

  return {
    store: {
      append,
      readStream: (stream, options) => inner.readStream(stream, options),
      findEvent: (stream, id) => inner.findEvent(stream, id),
      readAll: (options) => inner.readAll(options),
      subscribeToStream: (stream, after, handlers) => inner.subscribeToStream(stream, after, handlers),
      subscribeToAll: (options, handlers) => inner.subscribeToAll(options, handlers),
      truncateBefore: (stream, revision) => inner.truncateBefore(stream, revision),
      tombstone: (stream) => inner.tombstone(stream),
      close: () => inner.close(),
    },
    isHealthy: async () => {
      if (clock.now() - failedAt < FORGIVEN_AFTER_MS) return false;
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
