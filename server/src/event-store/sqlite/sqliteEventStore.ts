import { resolve } from 'node:path';
import { createAppendFeed } from '../appendFeed.ts';
import type { EventStore } from '../eventStore.ts';
import { createEventStoreOverLog } from '../eventStoreOverLog.ts';
import { openSqliteEventLog } from './sqliteEventLog.ts';

export type SqliteEventStoreOptions = {
  /** The file; made, with its folders, where it is not there. Relative to the working directory. */
  readonly path: string;
  /** Called after each commit with the number of writes that shared it. Must not throw. Default: nobody is told. */
  readonly onCommit?: ((writes: number) => void) | undefined;
};

/**
 * Keeps events in one SQLite file, which belongs to this store until it is closed. Rejects with `EventStoreError`
 * (`in-use`, `corrupt`, `not-a-store`, `unwritable`) where the file cannot be had, and leaves it as it was.
 */
export async function createSqliteEventStore({
  path,
  onCommit,
}: SqliteEventStoreOptions): Promise<EventStore> {
  const feed = createAppendFeed();
  const log = await openSqliteEventLog({ path: resolve(path), onAppended: feed.publish, onCommit });
  return createEventStoreOverLog(log, feed);
}
