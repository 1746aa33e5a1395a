import * as Y from 'yjs';
import { FIELD } from './peers.ts';

/** What one person types, as the updates that a document of theirs alone gives; each has its client id. */
export function typeAhead(clientId: number, texts: readonly string[]): Uint8Array[] {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  const text = doc.getText(FIELD);
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (const typed of texts) text.insert(text.length, typed);
  doc.destroy();
  return updates;
}

/** Client ids as long as those that Yjs picks. */
export function toClientId(person: number): number {
  return 3_000_000_000 + person;
}

/** The text that a document has who took in all of these. */
export function readText(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  const text = doc.getText(FIELD).toString();
  doc.destroy();
  return text;
}
