import type { NewEvent } from '../../../../server/src/event-store/eventStore.ts';
import { toStreamName } from '../../../../server/src/event-store/streamName.ts';
import { createSqliteEventStore } from '../../../../server/src/event-store/sqlite/sqliteEventStore.ts';
import { bytesEvent, jsonEvent } from '../newEvents.ts';
import type { WriterReport } from './writerReport.ts';

// Appends to a few streams at once for as long as it lives, truncating one now and then, and writes a line for each
// acknowledged append, and one before and one after each truncation.
const WRITERS = 8;

const [path = '', round = ''] = process.argv.slice(2);
const store = await createSqliteEventStore({ path });

function newEvent(index: number): NewEvent {
  return index % 2 === 0 ? jsonEvent({ index }) : bytesEvent(new Uint8Array(index % 5_000).fill(index));
}

/** Resolves when the line is out. */
function report(line: WriterReport): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()));
}

async function write(writer: number): Promise<never> {
  const stream = toStreamName('note', `${round}-${writer}`);
  for (let count = 0; ; count += 1) {
    const events = Array.from({ length: 1 + (count % 3) }, (_, index) => newEvent(count + index));
    const result = await store.append(stream, events, 'any');
    if (result.outcome !== 'appended') throw new Error(`an append was answered: ${result.outcome}`);
    const { lastRevision, position } = result;
    const ids = events.map(({ id }) => id);
    await report({
      type: 'appended',
      stream,
      lastRevision: Number(lastRevision),
      position: Number(position),
      ids,
    });
    if (writer === 0 && count % 20 === 19) {
      const before = lastRevision - 5n;
      await report({ type: 'truncating', stream, before: Number(before) });
      await store.truncateBefore(stream, before);
      await report({ type: 'truncated', stream, before: Number(before) });
    }
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
