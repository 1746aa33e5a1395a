import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { createSqliteEventStore } from '../../server/src/event-store/sqlite/sqliteEventStore.ts';
import { registerEventStoreContract } from './eventStoreContract.ts';

registerEventStoreContract('in memory', async () => createInMemoryEventStore());

registerEventStoreContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weft-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return createSqliteEventStore({ path: join(folder, 'weft.db') });
});
