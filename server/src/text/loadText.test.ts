import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { EventStore, NewEvent } from '../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import { toTextStreamName } from '../event-store/streamName.ts';
import { type LoadedText, loadText } from './loadText.ts';
import { MAX_SNAPSHOT_PART_BYTES, toTextSnapshotTaken, toTextUpdated } from './textEvents.ts';

const STREAM = toTextStreamName('note', 'body', 'n1');
const AT = '2026-01-01T00:00:00.000Z';
const ADA = { id: 'ada', name: 'Ada' };

function createWriter() {
  const store = createInMemoryEventStore();
  const doc = new Y.Doc();
  const text = doc.getText('body');
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  return {
    store,
    doc,
    append: (...events: NewEvent[]) => store.append(STREAM, events, 'any'),
    type: (letters: string) => {
      text.insert(text.length, letters);
      return toTextUpdated({ id: randomUUID(), at: AT, user: ADA, update: updates.at(-1)! });
    },
    snapshot: (covers: bigint) =>
      toTextSnapshotTaken({
        update: Y.encodeStateAsUpdate(doc),
        covers,
        length: text.length,
        at: AT,
        createId: randomUUID,
      }),
  };
}

async function load(store: EventStore): Promise<LoadedText & { readonly reads: string }> {
  const result = await loadText(store, STREAM);
  if (result.outcome !== 'loaded') throw new Error(result.outcome);
  const doc = new Y.Doc();
  Y.applyUpdate(doc, result.text.update);
  return { ...result.text, reads: doc.getText('body').toJSON() };
}

describe('loading a text', () => {
  it('finds nothing where nothing was written', async () => {
    const { store } = createWriter();
    expect(await load(store)).toMatchObject({
      reads: '',
      revision: undefined,
      sinceSnapshot: { updates: 0 },
    });
  });

  it('merges the updates, and ignores events of other types', async () => {
    const { store, append, type } = createWriter();
    await append(type('a'), type('b'));
    const metadata = { at: AT, user: ADA, schemaVersion: 7 };
    await append({ id: randomUUID(), type: 'TextNamed', format: 'json', data: {}, metadata });
    expect(await load(store)).toMatchObject({ reads: 'ab', revision: 1n, sinceSnapshot: { updates: 2 } });
  });

  it('[TXT10] reads the same from a snapshot of many parts, with what came while it was taken', async () => {
    const { store, append, type, snapshot } = createWriter();
    await append(type('x'.repeat(3 * MAX_SNAPSHOT_PART_BYTES)));
    const parts = snapshot(0n);
    expect(parts.length).toBe(4);
    for (const part of parts) await append(part, type('!'));
    expect(await load(store)).toMatchObject({ revision: 8n, sinceSnapshot: { updates: 4 } });

    await store.truncateBefore(STREAM, 1n);

    const { reads, revision } = await load(store);
    expect(reads).toBe(`${'x'.repeat(3 * MAX_SNAPSHOT_PART_BYTES)}!!!!`);
    expect(revision).toBe(8n);
  });

  it('[TXT10] takes the revision that the snapshot covers where nothing came after it', async () => {
    const { store, append, type, snapshot } = createWriter();
    await append(type('a'), type('b'));
    await append(...snapshot(1n));
    await store.truncateBefore(STREAM, 2n);
    expect(await load(store)).toMatchObject({
      reads: 'ab',
      revision: 1n,
      sinceSnapshot: { updates: 0, bytes: 0 },
    });
  });

  it('[TXT10] leaves out a snapshot that was not finished', async () => {
    const { store, append, type, snapshot } = createWriter();
    await append(type('x'.repeat(2 * MAX_SNAPSHOT_PART_BYTES)));
    const [first, , last] = snapshot(0n);
    await append(first!, last!);
    const [, ...unfinished] = snapshot(0n).reverse();
    await append(...unfinished);
    await append(type('!'));
    expect(await load(store)).toMatchObject({ revision: 5n, sinceSnapshot: { updates: 2 } });
  });

  it('[TXT10] takes the newest of several snapshots', async () => {
    const { store, append, type, snapshot } = createWriter();
    await append(type('a'));
    const older = snapshot(0n);
    await append(type('b'));
    await append(...snapshot(1n));
    await append(...older);
    expect(await load(store)).toMatchObject({ reads: 'ab', sinceSnapshot: { updates: 0 } });
  });

  it('rejects what it does not understand, rather than leave text out', async () => {
    const newer = createWriter();
    const event = newer.type('a');
    await newer.append({ ...event, metadata: { ...event.metadata, schemaVersion: 2 } });
    await expect(load(newer.store)).rejects.toThrow(/not understood/);

    const odd = createWriter();
    odd.type('a');
    const [part] = odd.snapshot(0n);
    await odd.append({ ...part!, metadata: { ...part!.metadata, snapshot: { id: 'x' } } });
    await expect(load(odd.store)).rejects.toThrow();
  });

  it('says that a stream is gone for good', async () => {
    const { store } = createWriter();
    await store.tombstone(STREAM);
    expect(await loadText(store, STREAM)).toEqual({ outcome: 'tombstoned' });
  });
});
