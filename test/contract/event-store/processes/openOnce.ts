import { EventStoreError } from '../../../../server/src/event-store/eventStoreError.ts';
import { createSqliteEventStore } from '../../../../server/src/event-store/sqlite/sqliteEventStore.ts';

// Opens a store and says how that went, for tests that need another process.
const [path = ''] = process.argv.slice(2);

try {
  const store = await createSqliteEventStore({ path });
  await store.close();
  process.stdout.write(JSON.stringify({ code: 'opened' }));
} catch (error) {
  if (!(error instanceof EventStoreError)) throw error;
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message }));
}
