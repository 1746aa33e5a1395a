import { DatabaseSync } from 'node:sqlite';
import * as Y from 'yjs';
import type { EventStore, StreamName } from '../../server/src/event-store/eventStore.ts';
import { toAggregateId } from '../../server/src/event-store/streamName.ts';
import { createSqliteEventStore } from '../../server/src/event-store/sqlite/sqliteEventStore.ts';
import { loadText } from '../../server/src/text/stored/loadText.ts';
import type { Ledger } from './ledger.ts';

/** Goes through the file of a server that has stopped, text by text. Gives what is wrong with it, as sentences. */
export async function findFaultsInFile(file: string, ledger: Ledger): Promise<string[]> {
  const { integrity, streams } = inspect(file);
  const faults = integrity === 'ok' ? [] : [`the file is damaged: ${integrity}`];
  const store = await createSqliteEventStore({ path: file });
  try {
    for (const stream of streams) faults.push(...(await findFaultsInStream(store, stream, ledger)));
  } finally {
    await store.close();
  }
  return faults;
}

function inspect(file: string): { readonly integrity: string; readonly streams: StreamName[] } {
  const database = new DatabaseSync(file);
  try {
    const [row] = database.prepare('PRAGMA integrity_check').all();
    const streams = database.prepare(`SELECT name FROM streams WHERE name LIKE 'note.body-%'`).all();
    return {
      integrity: String(row?.integrity_check),
      streams: streams.map(({ name }) => name as StreamName),
    };
  } finally {
    database.close();
  }
}

async function findFaultsInStream(store: EventStore, stream: StreamName, ledger: Ledger): Promise<string[]> {
  const loaded = await loadText(store, stream);
  if (loaded.outcome !== 'loaded') return [`${stream} is ${loaded.outcome}`];
  const doc = new Y.Doc();
  try {
    Y.applyUpdate(doc, loaded.text.update);
    const faults = hasGap(doc) ? [`${stream} has a gap`] : [];
    return [...faults, ...ledger.findFaults(toAggregateId(stream), doc.getText('body').toString())];
  } finally {
    doc.destroy();
  }
}

export function hasGap(doc: Y.Doc): boolean {
  return doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
}
