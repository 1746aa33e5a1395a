import type { EventStore } from './eventStore.ts';
import { createInMemoryEventStore } from './inMemoryEventStore.ts';
import { createSqliteEventStore } from './sqlite/sqliteEventStore.ts';

export type OpenEventStoreOptions = {
  /** Called after each commit with the number of writes that shared it. Default: nobody is told. */
  readonly onCommit?: ((writes: number) => void) | undefined;
};

/**
 * Opens the store that a URL names: `memory:` or `sqlite:<path>`. Rejects with `RangeError` for any other, and with
 * `EventStoreError` where the store cannot be opened.
 */
export async function openEventStore(
  url: string,
  { onCommit }: OpenEventStoreOptions = {},
): Promise<EventStore> {
  if (url === 'memory:') return createInMemoryEventStore();
  const path = /^sqlite:(?<path>.+)$/s.exec(url)?.groups?.path;
  // SQLite's own name for a database in memory: as a path it would be a file of that name.
  if (path !== undefined && path !== ':memory:') return createSqliteEventStore({ path, onCommit });
  if (url.startsWith('esdb:')) throw new RangeError(`esdb:// stores are not supported yet: ${FORMS}`);
  throw new RangeError(`"${url}" is no event store: ${FORMS}`);
}

const FORMS = 'use sqlite:<path> or memory:';
