import { join } from 'node:path';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { createSqliteEventStore } from '../../server/src/event-store/sqlite/sqliteEventStore.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';
import { registerEventStoreContract } from './eventStoreContract.ts';

registerEventStoreContract('in memory', async () => createInMemoryEventStore());

registerEventStoreContract('SQLite', async () =>
  createSqliteEventStore({ path: join(await createTemporaryFolder(), 'weft.db') }),
);
