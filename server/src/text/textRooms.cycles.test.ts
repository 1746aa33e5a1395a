import { decodeTextFrame, encodeTextFrame } from '@weft/client/protocol';
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import * as Y from 'yjs';
import { createManualClock } from '../../../client-sdk/src/testSupport/manualClock.ts';
import type { EventStore } from '../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import { createPendingBytes } from './stored/pendingBytes.ts';
import type { TextAddress, TextParticipant } from './textParticipant.ts';
import { createTextRooms } from './textRooms.ts';

const TEXTS = 200;
const CYCLES = 10_000;
// A run of its own first, for what is made once: compiled code, the worker, the store's own lists.
const WARM_UP_CYCLES = 1_000;
const MEASURED_CYCLES = 5_000;

const TIMEOUT_MS = 60_000;

const LOGGER = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function createWorld(toStore: (inner: EventStore) => EventStore = (inner) => inner) {
  const inner = createInMemoryEventStore();
  let reads = 0;
  const store: EventStore = {
    ...toStore(inner),
    readStream: (...request) => {
      reads++;
      return inner.readStream(...request);
    },
  };
  const clock = createManualClock();
  const pending = createPendingBytes();
  const rooms = createTextRooms({ store, clock, logger: LOGGER, createId: randomUUID, pending });
  onTestFinished(async () => {
    await rooms.close();
    await inner.close();
  });

  /** Lets the store and the time go on, until no timer is left and nothing waits. */
  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      await setImmediate();
      if (clock.timers > 0 || pending.total > 0) quiet = 0;
      clock.advance(10);
    }
  }

  /** Lets time go on until something has come about. */
  async function pass(task: Promise<unknown>): Promise<void> {
    let isOver = false;
    const over = task.finally(() => (isOver = true));
    while (!isOver) {
      await setImmediate();
      clock.advance(10);
    }
    await over;
  }

  async function loads(action: () => Promise<unknown>): Promise<number> {
    const before = reads;
    await action();
    return reads - before;
  }

  return { rooms, clock, pending, settle, pass, loads };
}

const toAddress = (text: number): TextAddress => ({ aggregate: 'note', id: `n${text}`, field: 'body' });

/** Somebody who only counts what of theirs is saved. */
function createParticipant(): TextParticipant & { readonly saved: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    user: { id: 'ada', name: 'Ada' },
    wantsSaved: true,
    send: (frame) => {
      if (decodeTextFrame(frame)?.kind === 'saved') resolve(undefined);
    },
    close: (reason, detail) => {
      throw new Error(`sent away: ${reason}, ${detail}`);
    },
    saved: promise,
  };
}

/** The update of typing one letter into an empty text. */
function typeLetter(): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('body').insert(0, 'x');
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  return encodeTextFrame({ kind: 'update', update });
}

type World = ReturnType<typeof createWorld>;

/** Opens every text, types into it and leaves it, as often as there are cycles. */
async function runCycles({ rooms, settle, pass }: World, cycles: number): Promise<void> {
  for (let done = 0; done < cycles; done += TEXTS) {
    const visits = Array.from({ length: TEXTS }, async (_, text) => {
      const participant = createParticipant();
      const joined = await rooms.join(toAddress(text), participant);
      if (joined.outcome !== 'joined') throw new Error(`not joined: ${joined.outcome}`);
      joined.seat.receive(encodeTextFrame({ kind: 'sync-step-1', stateVector: new Uint8Array([0]) }));
      joined.seat.receive(typeLetter());
      // Half of them leave before it is stored.
      if (text % 2 === 0) await participant.saved;
      joined.seat.leave();
    });
    await pass(Promise.all(visits));
    await settle();
  }
}

it(
  '[TXT16] leaves no room, no timer and nothing that waits after ten thousand openings',
  { timeout: TIMEOUT_MS },
  async () => {
    const world = createWorld();
    await runCycles(world, CYCLES);
    expect([world.clock.timers, world.pending.total]).toEqual([0, 0]);

    // Whatever had stayed open would not be loaded.
    for (let text = 0; text < TEXTS; text++) {
      const address = toAddress(text);
      const loads = await world.loads(async () => {
        const joined = await world.rooms.join(address, createParticipant());
        if (joined.outcome === 'joined') joined.seat.leave();
      });
      expect([text, loads]).toEqual([text, 1]);
      expect(await world.rooms.read(address)).toMatchObject({ length: CYCLES / TEXTS });
    }
  },
);

it(
  '[TXT16] keeps no memory of the texts that were opened, edited and left',
  { timeout: TIMEOUT_MS },
  async () => {
    // The store's own part is left out: it takes everything and keeps nothing.
    const world = createWorld((inner) => ({
      ...inner,
      append: (_stream, events) => {
        const lastRevision = BigInt(events.length - 1);
        return Promise.resolve({
          outcome: 'appended',
          firstRevision: 0n,
          lastRevision,
          position: lastRevision,
          repeated: false,
        });
      },
    }));
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    async function measureHeap(): Promise<number> {
      for (let turn = 0; turn < 3; turn++) {
        await setImmediate();
        collectGarbage();
      }
      return process.memoryUsage().heapUsed;
    }

    await runCycles(world, WARM_UP_CYCLES);
    const before = await measureHeap();
    await runCycles(world, MEASURED_CYCLES);
    const bytesPerCycle = ((await measureHeap()) - before) / MEASURED_CYCLES;
    // A room that stayed would take kilobytes, and a forgotten entry of a list some hundred bytes.
    expect(bytesPerCycle).toBeLessThan(64);
  },
);

it('[TXT16] loads a text once for all who open it at once', async () => {
  const world = createWorld();
  await runCycles(world, TEXTS);
  const joining = () =>
    Array.from({ length: 500 }, () => world.rooms.join(toAddress(7), createParticipant()));
  let joined: Awaited<ReturnType<typeof world.rooms.join>>[] = [];
  const loads = await world.loads(async () => {
    joined = await Promise.all(joining());
  });
  expect(loads).toBe(1);
  expect(joined.filter(({ outcome }) => outcome === 'joined')).toHaveLength(500);
  for (const each of joined) if (each.outcome === 'joined') each.seat.leave();
  await world.settle();
  expect(world.clock.timers).toBe(0);
});
