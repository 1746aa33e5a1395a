import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as Y from 'yjs';
import { createManualClock } from '../../../../client-sdk/src/testSupport/manualClock.ts';
import type { NewEvent } from '../../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../../event-store/inMemoryEventStore.ts';
import { toTextStreamName } from '../../event-store/streamName.ts';
import { MAX_PART_BYTES } from './eventParts.ts';
import { loadText } from './loadText.ts';
import { createMaterialiser } from '../document/materialiser.ts';
import { toTextUpdated } from './textEvents.ts';
import { TextSnapshots } from './textSnapshots.ts';
import { UpdateLog } from './updateLog.ts';

const STREAM = toTextStreamName('note', 'body', 'n1');
const LETTERS = 'x'.repeat(2 * MAX_PART_BYTES);
const DESCRIPTION = {
  epoch: 'an-epoch',
  owners: new Map([
    [1, 'ada'],
    [2, 'ben'],
  ]),
  retired: new Set([3, 4]),
};

/** A long text whose snapshot is due, in a store that fails at an append. */
async function start({ failingAt }: { failingAt?: number } = {}) {
  const appends: (readonly NewEvent[])[] = [];
  const inner = createInMemoryEventStore();
  const doc = new Y.Doc();
  doc.clientID = 1;
  doc.getText('body').insert(0, LETTERS);
  const update = Y.encodeStateAsUpdate(doc);
  const typed = toTextUpdated({
    contributions: [{ user: { id: 'ada', name: 'Ada' }, update }],
    at: new Date(0).toISOString(),
    createId: randomUUID,
  });
  await inner.append(STREAM, typed, 'any');
  const materialiser = createMaterialiser();
  onTestFinished(() => materialiser.close());
  const warned: string[] = [];
  const ignore = () => {};
  const log = new UpdateLog(update);
  const { promise: ended, resolve } = Promise.withResolvers<undefined>();
  const snapshots = new TextSnapshots({
    stream: STREAM,
    field: 'body',
    log,
    describe: () => DESCRIPTION,
    since: { updates: 1, bytes: update.byteLength },
    store: {
      ...inner,
      append: (stream, events, expected) => {
        if (appends.length === failingAt) return Promise.reject(new Error('no disk'));
        appends.push(events);
        return inner.append(stream, events, expected);
      },
    },
    clock: createManualClock(),
    logger: { debug: ignore, info: ignore, warn: (_fields, message) => warned.push(message), error: ignore },
    createId: randomUUID,
    materialiser,
    policy: () => true,
    onEnded: () => resolve(undefined),
  });
  snapshots.consider(BigInt(typed.length - 1), false);
  await ended;
  return { store: inner, appends, warned, log };
}

describe('the snapshot of a long text', () => {
  it('[TXT10][TXT17][CHK3][EPO5] is stored in parts, one an append, with what else is known of the text', async () => {
    const { store, appends, warned } = await start();
    expect(warned).toEqual([]);
    expect(appends.map((events) => events.length)).toEqual([1, 1, 1]);
    const sizes = appends.flat().map(({ data }) => (data as Uint8Array).byteLength);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_PART_BYTES);
    const read = await store.readStream(STREAM);
    expect(read.outcome === 'read' && read.events.map(({ revision }) => revision)).toEqual([3n, 4n, 5n]);
    const loaded = await loadText(store, STREAM);
    expect(loaded).toMatchObject({ outcome: 'loaded', text: { ...DESCRIPTION, revision: 2n } });
  });

  it('[TXT10] is harmless where it could not be finished', async () => {
    const { store, appends, warned } = await start({ failingAt: 2 });
    expect([appends.length, warned.length]).toEqual([2, 1]);
    const loaded = await loadText(store, STREAM);
    expect(loaded).toMatchObject({
      outcome: 'loaded',
      text: { revision: 2n, sinceSnapshot: { updates: 1 }, owners: new Map([[1, 'ada']]) },
    });
  });
});
