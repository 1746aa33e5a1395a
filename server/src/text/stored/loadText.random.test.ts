import * as prng from 'lib0/prng';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { NewEvent, Revision } from '../../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../../event-store/inMemoryEventStore.ts';
import { toTextStreamName } from '../../event-store/streamName.ts';
import { loadText } from './loadText.ts';
import { toTextEpochBegun, toTextSnapshotTaken, toTextUpdated } from './textEvents.ts';
import { FIRST_EPOCH } from './textState.ts';

const STREAM = toTextStreamName('note', 'body', 'n1');
const AT = '2026-01-01T00:00:00.000Z';
const RUNS = 12;
const STEPS = 60;
const seed = Number(process.env.WEFT_SEED ?? 1);
const createId = randomUUID;

/** What the stream must be read as. */
type Model = {
  epoch: string;
  owners: Map<number, string>;
  retired: Set<number>;
  doc: Y.Doc;
  revision: Revision | undefined;
  /** Of the present epoch. */
  history: Map<Revision, string>;
  /** Revisions before it may be forgotten. */
  keptFrom: Revision;
};

function createModel(): Model {
  return {
    epoch: FIRST_EPOCH,
    owners: new Map(),
    retired: new Set(),
    doc: new Y.Doc(),
    revision: undefined,
    history: new Map(),
    keptFrom: 0n,
  };
}

const textOf = (doc: Y.Doc) => doc.getText('body').toJSON();

/** The same event in several parts, as one that is too large for one event. */
function cut(event: NewEvent, parts: number): NewEvent[] {
  const bytes = event.data as Uint8Array;
  const size = Math.ceil(bytes.byteLength / parts);
  return Array.from({ length: parts }, (_, part) => ({
    ...event,
    id: part === 0 ? event.id : createId(),
    format: 'bytes',
    data: bytes.subarray(part * size, (part + 1) * size),
    metadata: { ...event.metadata, part: { id: event.id, part, parts } },
  }));
}

function createWorld(random: prng.PRNG) {
  const store = createInMemoryEventStore();
  let model = createModel();

  async function append(event: NewEvent): Promise<Revision> {
    const result = await store.append(STREAM, [event], 'any');
    if (result.outcome !== 'appended') throw new Error(result.outcome);
    return result.lastRevision;
  }

  /** Whole, or in parts, now and then without all of them. Gives the revisions where it is all there. */
  async function appendSomehow(event: NewEvent, between: () => Promise<void> = async () => {}) {
    const parts = prng.int32(random, 1, 4);
    const events = parts === 1 ? [event] : cut(event, parts);
    if (parts > 1 && prng.int32(random, 0, 3) === 0) events.splice(prng.int32(random, 0, parts - 1), 1);
    const isWhole = events.length === parts;
    const revisions: Revision[] = [];
    for (const [index, part] of events.entries()) {
      if (index > 0) await between();
      revisions.push(await append(part));
    }
    return isWhole ? { first: revisions[0]!, last: revisions.at(-1)! } : undefined;
  }

  async function type(): Promise<void> {
    const user = prng.oneOf(random, [
      { id: 'ada', name: 'Ada' },
      { id: 'ben', name: 'Ben' },
    ]);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(model.doc));
    const before = Y.encodeStateVector(doc);
    const ytext = doc.getText('body');
    ytext.insert(prng.int32(random, 0, ytext.length), prng.word(random, 3, 12));
    if (ytext.length > 20) ytext.delete(0, 5);
    const update = Y.encodeStateAsUpdate(doc, before);
    const [event] = toTextUpdated({ createId, at: AT, contributions: [{ user, update }] });
    const stored = await appendSomehow(event!);
    if (!stored) return;
    model.doc = doc;
    model.owners.set(doc.clientID, user.id);
    model.revision = stored.last;
    model.history.set(stored.last, textOf(doc));
  }

  async function snapshot(): Promise<void> {
    const covers = model.revision;
    if (covers === undefined) return;
    const { epoch, owners, retired, doc } = model;
    const state = { epoch, owners: new Map(owners), retired, update: Y.encodeStateAsUpdate(doc) };
    const [event] = toTextSnapshotTaken({ state, covers, length: 0, at: AT, createId });
    const stored = await appendSomehow(event!, type);
    if (!stored || prng.bool(random)) return;
    await store.truncateBefore(STREAM, covers + 1n);
    model.keptFrom = covers;
  }

  async function beginEpoch(): Promise<void> {
    const doc = new Y.Doc();
    doc.getText('body').insert(0, prng.word(random, 0, 10));
    const retired = new Set([...model.retired, ...model.owners.keys()]);
    const owners = new Map([[doc.clientID, 'eve']]);
    const state = { epoch: createId(), owners, retired, update: Y.encodeStateAsUpdate(doc) };
    const user = { id: 'eve', name: 'Eve' };
    const [event] = toTextEpochBegun({ state, user, at: AT, createId });
    const stored = await appendSomehow(event!);
    if (!stored) return;
    const { first, last } = stored;
    const { epoch } = state;
    const history = new Map([[last, textOf(doc)]]);
    model = { epoch, owners, retired, doc, revision: last, history, keptFrom: last };
    if (prng.bool(random)) await store.truncateBefore(STREAM, first);
  }

  return { store, type, snapshot, beginEpoch, model: () => model };
}

describe('a stream of updates, snapshots and epochs, many of them unfinished', () => {
  const totals = { epochs: 0, retired: 0, kept: 0, forgotten: 0 };

  it.each(Array.from({ length: RUNS }, (_, run) => ({ runSeed: seed + run })))(
    '[TXT10][TXT17][CHK3][EPO5] is read as what was stored whole (seed $runSeed)',
    async ({ runSeed }) => {
      const random = prng.create(runSeed);
      const world = createWorld(random);
      for (let step = 0; step < STEPS; step++) {
        const kind = prng.int32(random, 0, 19);
        if (kind === 0) await world.beginEpoch();
        else if (kind < 5) await world.snapshot();
        else await world.type();

        const { doc, history, keptFrom, ...expected } = world.model();
        const loaded = await loadText(world.store, STREAM);
        if (loaded.outcome !== 'loaded') throw new Error(loaded.outcome);
        const { epoch, owners, retired, revision, update } = loaded.text;
        expect({ epoch, owners, retired, revision }).toEqual(expected);
        const stored = new Y.Doc();
        Y.applyUpdate(stored, update);
        expect(stored.store.pendingStructs).toBeNull();
        expect(Y.equalSnapshots(Y.snapshot(stored), Y.snapshot(doc))).toBe(true);
        totals.retired += retired.size;
        totals.epochs += epoch === FIRST_EPOCH ? 0 : 1;

        if (history.size === 0) continue;
        const until = prng.oneOf(random, [...history.keys()]);
        const past = await loadText(world.store, STREAM, { until });
        if (past.outcome === 'forgotten') {
          totals.forgotten += 1;
          expect(until).toBeLessThan(keptFrom);
        } else if (past.outcome === 'loaded') {
          totals.kept += 1;
          const then = new Y.Doc();
          Y.applyUpdate(then, past.text.update);
          expect([textOf(then), past.text.revision]).toEqual([history.get(until), until]);
        }
      }
    },
  );

  it('did what it is about', () => {
    for (const count of Object.values(totals)) expect(count).toBeGreaterThan(RUNS);
  });
});
