import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { EventStore, NewEvent } from '../../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../../event-store/inMemoryEventStore.ts';
import { toTextStreamName } from '../../event-store/streamName.ts';
import { MAX_PART_BYTES } from './eventParts.ts';
import { type LoadedText, loadText, type LoadOptions } from './loadText.ts';
import { toTextEpochBegun, toTextSnapshotTaken, toTextUpdated } from './textEvents.ts';
import { FIRST_EPOCH, type TextState } from './textState.ts';

const STREAM = toTextStreamName('note', 'body', 'n1');
const AT = '2026-01-01T00:00:00.000Z';
const ADA = { id: 'ada', name: 'Ada' };
const BEN = { id: 'ben', name: 'Ben' };
const createId = randomUUID;

function createWriter() {
  const store = createInMemoryEventStore();
  const doc = new Y.Doc();
  const text = doc.getText('body');
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const typeInParts = (letters: string) => {
    text.insert(text.length, letters);
    return toTextUpdated({ createId, at: AT, contributions: [{ user: ADA, update: updates.at(-1)! }] });
  };
  return {
    store,
    doc,
    append: (...events: NewEvent[]) => store.append(STREAM, events, 'any'),
    typeInParts,
    type: (letters: string) => typeInParts(letters)[0]!,
    snapshot: (covers: bigint, state: Partial<TextState> = {}) =>
      toTextSnapshotTaken({
        state: {
          epoch: FIRST_EPOCH,
          owners: new Map(),
          retired: new Set(),
          update: Y.encodeStateAsUpdate(doc),
          ...state,
        },
        covers,
        length: text.length,
        at: AT,
        createId,
      }),
  };
}

/** Letters typed under a client id. */
function typeAs(clientId: number, letters: string): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  doc.getText('body').insert(0, letters);
  return Y.encodeStateAsUpdate(doc);
}

/** The beginning of an epoch with letters typed under a client id. */
function beginEpoch(clientId: number, letters: string, retired: readonly number[] = []): NewEvent[] {
  const state = {
    epoch: createId(),
    owners: new Map([[clientId, BEN.id]]),
    retired: new Set(retired),
    update: typeAs(clientId, letters),
  };
  return toTextEpochBegun({ state, user: BEN, at: AT, createId });
}

async function load(store: EventStore): Promise<LoadedText & { readonly reads: string }> {
  const result = await loadText(store, STREAM);
  if (result.outcome !== 'loaded') throw new Error(result.outcome);
  const doc = new Y.Doc();
  Y.applyUpdate(doc, result.text.update);
  return { ...result.text, reads: doc.getText('body').toJSON() };
}

/** What a text was as of a revision. */
async function readUntil(store: EventStore, options: LoadOptions): Promise<string> {
  const result = await loadText(store, STREAM, options);
  if (result.outcome !== 'loaded') return result.outcome;
  const doc = new Y.Doc();
  Y.applyUpdate(doc, result.text.update);
  return `${doc.getText('body').toJSON()}@${result.text.revision}`;
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
    const { store, append, typeInParts, type, snapshot } = createWriter();
    await append(...typeInParts('x'.repeat(3 * MAX_PART_BYTES)));
    const parts = snapshot(3n);
    expect(parts.length).toBe(4);
    for (const part of parts) await append(part, type('!'));
    expect(await load(store)).toMatchObject({ revision: 11n, sinceSnapshot: { updates: 4 } });

    await store.truncateBefore(STREAM, 4n);

    const { reads, revision } = await load(store);
    expect(reads).toBe(`${'x'.repeat(3 * MAX_PART_BYTES)}!!!!`);
    expect(revision).toBe(11n);
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
    const { store, append, typeInParts, type, snapshot } = createWriter();
    await append(...typeInParts('x'.repeat(2 * MAX_PART_BYTES)));
    const [first, , last] = snapshot(2n);
    await append(first!, last!);
    const [, ...unfinished] = snapshot(2n).reverse();
    await append(...unfinished);
    await append(type('!'));
    expect(await load(store)).toMatchObject({ revision: 7n, sinceSnapshot: { updates: 2 } });
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

    const damaged = createWriter();
    const [snapshot] = damaged.snapshot(0n);
    await damaged.append(damaged.type('a'), { ...snapshot!, format: 'bytes', data: Uint8Array.of(9) });
    await expect(load(damaged.store)).rejects.toThrow(/damaged/);

    const part9 = createWriter();
    const typed = part9.type('a');
    await part9.append({ ...typed, metadata: { ...typed.metadata, part: { id: 'x', part: 2, parts: 2 } } });
    await expect(load(part9.store)).rejects.toThrow();
  });

  it('rejects where what the text began with is gone, rather than show what is left', async () => {
    const { store, append, type } = createWriter();
    await append(type('a'), type('b'), type('c'));
    await store.truncateBefore(STREAM, 1n);
    await expect(load(store)).rejects.toThrow(/is gone/);
  });

  it('[TXT10] reads again where a snapshot took the place of events meanwhile', async () => {
    const { store, append, type, snapshot } = createWriter();
    await append(type('a'), type('b'));
    const taken = snapshot(0n, { update: typeAs(1, 'a') });
    const slow: EventStore = {
      ...store,
      readStream: async (...request) => {
        const read = await store.readStream(...request);
        if (read.outcome !== 'read' || read.lastRevision > 1n) return read;
        await append(...taken);
        await store.truncateBefore(STREAM, 1n);
        return { ...read, events: read.events.slice(1) };
      },
    };
    expect(await load(slow)).toMatchObject({ revision: 1n, sinceSnapshot: { updates: 1 } });
  });

  it('[TXT17] puts an update together from its parts, whose last one is its revision', async () => {
    const { store, append, type, typeInParts, snapshot } = createWriter();
    const letters = 'x'.repeat(2 * MAX_PART_BYTES);
    const parts = typeInParts(letters);
    expect(parts.map(({ data }) => (data as Uint8Array).byteLength <= MAX_PART_BYTES)).toEqual(
      parts.map(() => true),
    );
    // The snapshot is one of another text; it is taken while the parts are stored.
    const [other] = snapshot(0n, { update: typeAs(1, 'other') });
    await append(type('!'));
    const [one, two, three] = parts;
    await append(one!);
    await append(other!);
    await append(two!);
    expect((await load(store)).reads).not.toContain('x');
    await append(three!);
    const { reads, revision, sinceSnapshot } = await load(store);
    expect([reads.includes(letters), revision, sinceSnapshot.updates]).toEqual([true, 4n, 1]);
  });

  it('[TXT17] takes an update whose parts are not all there for none, wherever they are', async () => {
    const { store, append, type, typeInParts } = createWriter();
    await append(type('a'));
    const crashed = createWriter();
    const [first, second, third] = crashed.typeInParts('x'.repeat(2 * MAX_PART_BYTES));
    const [again] = createWriter().typeInParts('y'.repeat(2 * MAX_PART_BYTES));
    await append(first!);
    await append(again!);
    await append(third!);
    await append(type('b'));
    expect(await load(store)).toMatchObject({ reads: 'ab', revision: 4n, sinceSnapshot: { updates: 2 } });
    // A store that could not say that it stored a part may have it twice.
    await append({ ...third!, id: createId() });
    expect((await load(store)).reads).toBe('ab');
    await append(second!);
    expect((await load(store)).reads).toHaveLength(2 + 2 * MAX_PART_BYTES);
    expect(typeInParts('c')[0]?.metadata.part).toBeUndefined();
  });

  it('[CHK3] knows whose each client id is, also after a snapshot and a restart', async () => {
    const { store, append, snapshot } = createWriter();
    const byBen = (update: Uint8Array) =>
      toTextUpdated({ createId, at: AT, contributions: [{ user: BEN, update }] });
    const byAda = (update: Uint8Array) =>
      toTextUpdated({ createId, at: AT, contributions: [{ user: ADA, update }] });
    await append(...byAda(typeAs(1, 'a')), ...byBen(typeAs(2, 'b')));
    // Of one who repeats what another typed, and brings content of two clients besides.
    await append(...byBen(Y.mergeUpdates([typeAs(1, 'a'), typeAs(3, 'c'), typeAs(4, 'd')])));
    const owners = new Map([
      [1, 'ada'],
      [2, 'ben'],
      [3, 'ben'],
      [4, 'ben'],
    ]);
    const before = await load(store);
    expect(before.owners).toEqual(owners);

    await append(...snapshot(2n, before));
    await store.truncateBefore(STREAM, 3n);
    await append(...byAda(typeAs(5, 'e')), ...byAda(typeAs(4, 'd')));
    expect((await load(store)).owners).toEqual(new Map([...owners, [5, 'ada']]));
  });

  it('[EPO1][EPO2] begins with the newest epoch, and holds nothing of what was before', async () => {
    const { store, append, type, snapshot } = createWriter();
    await append(type('old'), type('er'));
    await append(...beginEpoch(7, 'first'));
    const [void1] = snapshot(1n);
    await append(void1!);
    const begun = beginEpoch(8, 'second', [7]);
    await append(...begun);
    await append(
      ...toTextUpdated({ createId, at: AT, contributions: [{ user: ADA, update: typeAs(9, '!') }] }),
    );
    const loaded = await loadText(store, STREAM);
    expect(loaded).toMatchObject({ outcome: 'loaded', voidBefore: 4n });
    expect(await load(store)).toMatchObject({
      epoch: begun[0]?.id,
      reads: 'second!',
      retired: new Set([7]),
      owners: new Map([
        [8, 'ben'],
        [9, 'ada'],
      ]),
      revision: 5n,
      sinceSnapshot: { updates: 1 },
    });
    await store.truncateBefore(STREAM, 4n);
    expect(await loadText(store, STREAM)).not.toHaveProperty('voidBefore');
    expect((await load(store)).reads).toBe('second!');
  });

  it('[EPO1] has not begun an epoch whose parts are not all there', async () => {
    const { store, append, type } = createWriter();
    await append(type('kept'));
    const [first, second] = beginEpoch(7, 'x'.repeat(MAX_PART_BYTES));
    await append(first!);
    await append(type('!'));
    expect(await load(store)).toMatchObject({ epoch: FIRST_EPOCH, reads: 'kept!', revision: 2n });
    await append(second!);
    expect(await load(store)).toMatchObject({ epoch: first!.id, revision: 3n, retired: new Set() });
    expect(await loadText(store, STREAM)).toMatchObject({ voidBefore: 1n });
  });

  it('[EPO5] has the same epoch and retired client ids after a snapshot and a restart', async () => {
    const { store, append, type, snapshot } = createWriter();
    await append(type('old'));
    const begun = beginEpoch(7, 'new', [1, 2, 3]);
    await append(...begun);
    const before = await load(store);
    await append(
      ...toTextUpdated({ createId, at: AT, contributions: [{ user: ADA, update: typeAs(9, '!') }] }),
    );
    const after = await load(store);
    await append(...snapshot(2n, after));
    await store.truncateBefore(STREAM, 3n);
    const { epoch, retired, owners, reads, revision } = await load(store);
    expect({ epoch, retired }).toEqual({ epoch: before.epoch, retired: new Set([1, 2, 3]) });
    expect({ owners, reads, revision }).toEqual({ owners: after.owners, reads: after.reads, revision: 2n });
    expect(epoch).toBe(begun[0]?.id);
  });

  it('reads the text as of any revision that is kept', async () => {
    const { store, append, type, typeInParts, snapshot } = createWriter();
    await append(type('a'), type('b'));
    await append(...typeInParts('x'.repeat(MAX_PART_BYTES)));
    const long = 'x'.repeat(MAX_PART_BYTES);
    expect(await readUntil(store, { until: 0n })).toBe('a@0');
    expect(await readUntil(store, { until: 1n })).toBe('ab@1');
    // Between the two parts.
    expect(await readUntil(store, { until: 2n })).toBe('ab@1');
    expect(await readUntil(store, { until: 3n })).toBe(`ab${long}@3`);

    await append(...snapshot(3n));
    expect(await readUntil(store, { until: 1n })).toBe('ab@1');
    await store.truncateBefore(STREAM, 4n);
    expect(await readUntil(store, { until: 1n })).toBe('forgotten');
    expect(await readUntil(store, { until: 2n })).toBe('forgotten');
    expect(await readUntil(store, { until: 3n })).toBe(`ab${long}@3`);
    await append(type('c'));
    expect(await readUntil(store, { until: 3n })).toBe(`ab${long}@3`);
    expect(await readUntil(store, { until: 100n })).toBe(`ab${long}c@6`);
  });

  it('reads no revision of an earlier epoch', async () => {
    const { store, append, type } = createWriter();
    await append(type('a'));
    await append(...beginEpoch(7, 'new'));
    expect(await readUntil(store, { until: 0n })).toBe('forgotten');
    expect(await readUntil(store, { until: 1n })).toBe('new@1');
  });

  it('says that a stream is gone for good', async () => {
    const { store } = createWriter();
    await store.tombstone(STREAM);
    expect(await loadText(store, STREAM)).toEqual({ outcome: 'tombstoned' });
  });
});
