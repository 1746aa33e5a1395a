import type { TextFrame } from '@weft/client/protocol';
import * as prng from 'lib0/prng';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { TextClient } from '../../../test/support/textClient.ts';
import { ADDRESS, createTextWorld, STREAM, type TextWorld } from '../../../test/support/textWorld.ts';
import { checkUpdate } from './update/checkUpdate.ts';
import { createUpdateDecoder } from './update/decodeUpdate.ts';
import type { NewEvent } from '../event-store/eventStore.ts';
import { KnownContent } from './update/knownContent.ts';
import { mergeUpdates } from './update/mergeUpdates.ts';
import { toTextEvents } from './stored/textEvents.ts';

const seed = Number(process.env.WEFT_SEED ?? 1);
const RUNS = 6;
const STEPS = 1500;
const TIMEOUT_MS = 30_000;

const decode = createUpdateDecoder();

/** What the store took so far, kept beside it. */
function createDurable() {
  const known = new KnownContent();
  const counts = { updates: 0, snapshotParts: 0 };
  return {
    counts,
    add: (events: readonly NewEvent[]) => {
      const stored = events.map((event) => ({ ...event, stream: STREAM, revision: 0n, position: 0n }));
      for (const event of toTextEvents(stored)) {
        if (event.kind !== 'updated') {
          counts.snapshotParts += 1;
          continue;
        }
        counts.updates += 1;
        // They may depend on each other in any order.
        known.add(decode(mergeUpdates(event.contributions.map(({ update }) => update)))!);
      }
    },
    /** Whether all of an update is durable. */
    holds: (update: Uint8Array) => checkUpdate(decode(update)!, known).verdict === 'no-op',
  };
}

type Context = {
  readonly world: TextWorld;
  readonly random: prng.PRNG;
  readonly client: TextClient;
  readonly clients: TextClient[];
};

type Step = (context: Context) => Promise<void> | void;

const steps: readonly { readonly weight: number; readonly step: Step }[] = [
  { weight: 15, step: edit },
  { weight: 25, step: ({ client }) => client.deliverToRoom() },
  { weight: 25, step: ({ client }) => client.deliverToClient() },
  { weight: 15, step: () => setImmediate() },
  { weight: 15, step: ({ world, random }) => world.clock.advance(prng.int32(random, 1, 20)) },
  { weight: 2, step: ({ world }) => world.clock.advance(400) },
  { weight: 1, step: ({ client }) => client.disconnect() },
  { weight: 1, step: ({ clients }) => clients.forEach((client) => client.disconnect()) },
  { weight: 5, step: async ({ world, client }) => (client.isConnected ? undefined : connect(world, client)) },
  { weight: 6, step: hearFromAnotherTab },
  {
    weight: 2,
    step: ({ client }) => client.post({ kind: 'update', update: Y.encodeStateAsUpdate(client.doc) }),
  },
];

/**
 * What comes so, from the same person, is not sent to the room: what is typed next has a gap where the other tab's
 * edits are under way.
 */
function hearFromAnotherTab({ client, clients, random }: Context): void {
  const tabs = clients.filter(({ user }) => user.id === client.user.id);
  Y.applyUpdate(client.doc, Y.encodeStateAsUpdate(prng.oneOf(random, tabs).doc), client);
}

async function connect(world: TextWorld, client: TextClient): Promise<void> {
  await client.connect(world.rooms, ADDRESS);
}

function edit({ client, random }: Context): void {
  const { ytext, doc } = client;
  const at = prng.int32(random, 0, ytext.length);
  const kind = prng.int32(random, 0, 9);
  if (kind < 5) ytext.insert(at, prng.word(random, 1, 4));
  else if (kind < 8) ytext.delete(at, Math.min(3, ytext.length - at));
  else if (kind < 9) ytext.format(at, Math.min(3, ytext.length - at), { bold: prng.bool(random) });
  else
    doc.transact(() => {
      ytext.insert(at, 'é–');
      ytext.delete(0, Math.min(2, at));
    });
}

function chooseStep(random: prng.PRNG): Step {
  let left = prng.int32(
    random,
    1,
    steps.reduce((sum, { weight }) => sum + weight, 0),
  );
  for (const { weight, step } of steps) {
    left -= weight;
    if (left <= 0) return step;
  }
  throw new RangeError('the weights do not add up');
}

describe('random use of a text', () => {
  const totals = {
    updates: 0,
    snapshotParts: 0,
    failures: 0,
    savedFrames: 0,
    shownFrames: 0,
    openings: 0,
    asked: 0,
  };

  it.each(Array.from({ length: RUNS }, (_, run) => ({ runSeed: seed + run })))(
    '[TXT2][TXT3][TXT11] converge, lose nothing and call nothing saved too early (seed $runSeed)',
    async ({ runSeed }) => {
      const random = prng.create(runSeed);
      const durable = createDurable();
      const violations: string[] = [];
      let failing = true;
      const failSometimes = async () => {
        if (prng.int32(random, 0, 3) === 0) await setImmediate();
        if (!failing || prng.int32(random, 0, 12) > 0) return;
        totals.failures += 1;
        throw new Error('no disk');
      };
      const world = createTextWorld({
        faults: {
          beforeAppend: failSometimes,
          afterAppend: failSometimes,
          beforeRead: () => {
            totals.openings += 1;
          },
        },
        snapshotPolicy: ({ updates, isLeft }) => updates >= (isLeft ? 2 : 15),
        onDurable: durable.add,
      });

      /** Judged when the room sends it; an error thrown there would be the room's to handle. */
      function onSent(frame: TextFrame, client: TextClient): void {
        if (frame.kind === 'saved') {
          totals.savedFrames += 1;
          const claimed = client.sentUpdates.slice(client.saved, frame.count);
          if (frame.count !== client.saved + claimed.length) violations.push('saved what was not sent');
          if (!claimed.every(durable.holds)) violations.push('saved what was not durable');
        } else if (frame.kind === 'update' || frame.kind === 'sync-step-2') {
          totals.shownFrames += 1;
          if (!durable.holds(frame.update)) violations.push('shown what was not durable');
        } else if (frame.kind === 'sync-step-1' && client.isConnected) {
          totals.asked += 1;
        }
      }

      const clients = ['Ada', 'Ada', 'Ben', 'Ben'].map((name, index) =>
        world.createClient({ name, clientId: prng.uint32(random, 0, 2 ** 31) + index, onSent }),
      );
      for (let step = 0; step < STEPS; step++) {
        const client = prng.oneOf(random, clients);
        await chooseStep(random)({ world, random, client, clients });
      }

      failing = false;
      for (let turn = 0; turn < 3; turn++) {
        for (const client of clients) if (!client.isConnected) await connect(world, client);
        world.clock.advance(10_000);
        await world.settle();
      }

      expect(violations).toEqual([]);
      const stored = await world.storedDoc();
      for (const { doc, saved, sentUpdates, closed } of clients) {
        expect(closed).toBeUndefined();
        expect(saved).toBe(sentUpdates.length);
        expect(doc.store.pendingStructs).toBeNull();
        expect(doc.store.pendingDs).toBeNull();
        expect(doc.getText('body').toDelta()).toEqual(stored.getText('body').toDelta());
        expect(Y.encodeStateVector(doc)).toEqual(Y.encodeStateVector(stored));
        expect(Y.equalSnapshots(Y.snapshot(doc), Y.snapshot(stored))).toBe(true);
      }
      expect((await world.rooms.read(ADDRESS)).text).toBe(stored.getText('body').toJSON());

      for (const client of clients) client.disconnect();
      await world.settle();
      expect(world.clock.timers).toBe(0);
      const again = await world.join({ name: 'Dan' });
      expect(Y.equalSnapshots(Y.snapshot(again.doc), Y.snapshot(stored))).toBe(true);
      totals.updates += durable.counts.updates;
      totals.snapshotParts += durable.counts.snapshotParts;
    },
    TIMEOUT_MS,
  );

  it('did what it is about', () => {
    expect(totals.updates).toBeGreaterThan(RUNS * 10);
    expect(totals.snapshotParts).toBeGreaterThan(RUNS * 2);
    expect(totals.failures).toBeGreaterThan(RUNS * 2);
    expect(totals.savedFrames).toBeGreaterThan(RUNS * 10);
    expect(totals.shownFrames).toBeGreaterThan(RUNS * 30);
    expect(totals.openings).toBeGreaterThan(RUNS * 4);
    expect(totals.asked).toBeGreaterThan(0);
  });
});
