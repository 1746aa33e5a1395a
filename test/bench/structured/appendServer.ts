import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import type { Json } from '../../../server/src/event-store/eventStore.ts';
import { createSqliteEventStore } from '../../../server/src/event-store/sqlite/sqliteEventStore.ts';
import { toStreamName } from '../../../server/src/event-store/streamName.ts';

/** The echo, with each body stored durably before it is answered: the least that a durable write can cost. */
const [path = ''] = process.argv.slice(2);
const store = await createSqliteEventStore({ path });
const app = express();
app.use(express.json());
app.patch('/echo/:id', async (request: Request<{ id: string }, Json, Json>, response) => {
  const metadata = { at: new Date().toISOString(), user: { id: 'ada', name: 'Ada' }, schemaVersion: 1 };
  const data = { changes: request.body };
  await store.append(
    toStreamName('note', request.params.id),
    [{ id: randomUUID(), type: 'NoteChanged', format: 'json', data, metadata }],
    'any',
  );
  response.json(request.body);
});
const server = app.listen(0, '127.0.0.1', (error) => {
  if (error) throw error;
  const { port } = server.address() as AddressInfo;
  console.log(`The storing echo is listening on http://127.0.0.1:${port}`);
});
