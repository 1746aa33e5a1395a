import { createAppendFeed } from './appendFeed.ts';
import type { EventStore } from './eventStore.ts';
import { createEventStoreOverLog } from './eventStoreOverLog.ts';
import { createInMemoryEventLog, type InMemoryFaults } from './inMemoryEventLog.ts';

export type InMemoryEventStoreOptions = {
  /** Hooks that may throw, or wait: the call they belong to then rejects, or waits. Default: none. */
  readonly faults?: InMemoryFaults | undefined;
};

/** Keeps events as long as the process runs: for tests and for trying things out. */
export function createInMemoryEventStore({ faults }: InMemoryEventStoreOptions = {}): EventStore {
  const feed = createAppendFeed();
  return createEventStoreOverLog(createInMemoryEventLog(feed.publish, faults), feed);
}
