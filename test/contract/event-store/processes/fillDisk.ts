import { EventStoreError } from '../../../../server/src/event-store/eventStoreError.ts';
import { toStreamName } from '../../../../server/src/event-store/streamName.ts';
import { createSqliteEventStore } from '../../../../server/src/event-store/sqlite/sqliteEventStore.ts';
import { bytesEvent } from '../newEvents.ts';

// Run where files cannot grow beyond a few megabytes. Prints how a small append, a large and a small one together,
// and a small one after those were answered.
const [path = ''] = process.argv.slice(2);
const store = await createSqliteEventStore({ path });

function append(name: string, size: number): Promise<string> {
  return store.append(toStreamName('note', name), [bytesEvent(new Uint8Array(size))], 'no-stream').then(
    ({ outcome }) => outcome,
    (error: unknown) => (error instanceof EventStoreError ? error.code : String(error)),
  );
}

const answers = [
  await append('first', 100),
  ...(await Promise.all([append('together-small', 100), append('too-large', 16_000_000)])),
  await append('after', 100),
];
await store.close();
process.stdout.write(JSON.stringify(answers));
