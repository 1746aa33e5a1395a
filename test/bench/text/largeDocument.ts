import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as Y from 'yjs';
import { readEditingTrace } from '../../support/editingTrace.ts';
import { FIELD } from './peers.ts';

export type LargeDocument = {
  readonly name: string;
  /** What was typed, a thousand edits in each. */
  readonly updates: readonly Uint8Array[];
  readonly text: string;
  /** How far a client has to know each author to have it all. */
  readonly clocks: ReadonlyMap<number, number>;
  /** Bytes of the whole of it, as Yjs encodes it. */
  readonly bytes: number;
};

type Patch = readonly [position: number, deleted: number, inserted: string];
type RawTrace = {
  readonly endContent: string;
  readonly txns: readonly { readonly patches: readonly Patch[] }[];
};

/** The trace of the B4 benchmark; it lies beside the project, for it is too large to come with it. */
const B4 = resolve(import.meta.dirname, '../../../../shared/traces/automerge-paper.json.gz');
const EDITS_PER_UPDATE = 1000;

/** One person's long paper; where that trace is missing, the two people's shorter text that comes with the project. */
export function readLargeDocument(): LargeDocument {
  if (existsSync(B4)) return readPaper();
  console.log(`${B4} is missing: a smaller document takes its place, and no goal is for that.`);
  const { updates, endContent } = readEditingTrace('friendsforever', { field: FIELD });
  return describe('friendsforever', [Y.mergeUpdates(updates.map(({ update }) => update))], endContent);
}

function readPaper(): LargeDocument {
  const raw = JSON.parse(gunzipSync(readFileSync(B4)).toString('utf8')) as RawTrace;
  const patches = raw.txns.flatMap((transaction) => transaction.patches);
  const doc = new Y.Doc();
  // As in the public benchmark: with one of the usual length it would be 88 kB longer.
  doc.clientID = 0;
  const text = doc.getText(FIELD);
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (let start = 0; start < patches.length; start += EDITS_PER_UPDATE) {
    doc.transact(() => {
      for (const [position, deleted, inserted] of patches.slice(start, start + EDITS_PER_UPDATE)) {
        if (deleted > 0) text.delete(position, deleted);
        if (inserted !== '') text.insert(position, inserted);
      }
    });
  }
  return describe('B4', updates, raw.endContent);
}

function describe(name: string, updates: readonly Uint8Array[], endContent: string): LargeDocument {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  const text = doc.getText(FIELD).toString();
  if (name === 'B4' && text !== endContent) throw new Error('the trace was not replayed as it should be');
  const clocks = Y.decodeStateVector(Y.encodeStateVector(doc));
  return { name, updates, text, clocks, bytes: Y.encodeStateAsUpdate(doc).byteLength };
}
