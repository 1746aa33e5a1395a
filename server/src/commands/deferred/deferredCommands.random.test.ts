import { randomUUID } from 'node:crypto';
import { defineAggregate, type User } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createManualClock } from '../../../../client-sdk/src/testSupport/manualClock.ts';
import { createSeededRandom, type SeededRandom } from '../../../../test/support/seededRandom.ts';
import { until } from '../../../../test/support/until.ts';
import type { EventStore } from '../../event-store/eventStore.ts';
import { EventStoreError } from '../../event-store/eventStoreError.ts';
import { createInMemoryEventStore } from '../../event-store/inMemoryEventStore.ts';
import { toStreamName } from '../../event-store/streamName.ts';
import { silentLogger } from '../../lifecycle/logger.ts';
import { createDeferredCommands } from './deferredCommands.ts';
import { createTestHandler } from '../testSupport/createTestHandler.ts';

// Noting the same twice is two events, so whatever is carried out twice shows.
const log = defineAggregate('log', {
  fields: { last: z.number() },
  initial: { last: -1 },
  events: (event) => ({ LogNoted: event(z.number(), (_fields, last) => ({ last })) }),
  commands: (command) => ({
    note: command(z.number(), { decide: (_fields, data) => ({ events: [{ type: 'LogNoted', data }] }) }),
  }),
});
const definitions = new Map([['log', log]]);
const ada: User = { id: 'ada', name: 'Ada' };
const LOGS = ['l1', 'l2', 'l3'];
const LIVES = 6;

type Trouble = { perMille: number };

/** A store that fails now and then, before or after it has stored. */
function createTroubledStore(random: SeededRandom, trouble: Trouble): EventStore {
  const fail = () => {
    if (random.integer(1_000) < trouble.perMille) throw new Error('a fault');
  };
  return createInMemoryEventStore({ faults: { beforeAppend: fail, afterAppend: fail, beforeRead: fail } });
}

type Accepted = { readonly log: string; readonly number: number; readonly request: string };

/** One process: it accepts what its writers send, for a while, and is cut off from the store. */
function live(store: EventStore, { random, first }: { random: SeededRandom; first: number }) {
  const clock = createManualClock();
  let isCutOff = false;
  const call = <Result>(run: () => Promise<Result>): Promise<Result> =>
    // What a dead process has asked for is never answered; here it fails, so that the process can be closed.
    isCutOff ? Promise.reject(new EventStoreError('unavailable', 'it is dead')) : run();
  const cut: EventStore = {
    ...store,
    append: (...given) => call(() => store.append(...given)),
    readStream: (...given) => call(() => store.readStream(...given)),
    findEvent: (...given) => call(() => store.findEvent(...given)),
    readAll: (...given) => call(() => store.readAll(...given)),
    truncateBefore: (...given) => call(() => store.truncateBefore(...given)),
  };
  const deferred = createDeferredCommands({
    definitions,
    store: cut,
    commands: createTestHandler([log], cut),
    clock,
    logger: silentLogger,
    createId: () => randomUUID(),
    maxUnderWay: 1 + random.integer(4),
  });
  const accepted: Accepted[] = [];

  async function write(id: string): Promise<void> {
    for (let number = first; number < first + 15 && !isCutOff; number++) {
      const request = {
        aggregate: 'log',
        id,
        command: { kind: 'invoke', name: 'note', input: number } as const,
        user: ada,
        ...(random.integer(2) === 0 && { idempotencyKey: `${id} ${number}` }),
      };
      for (let attempt = 0; attempt < 5; attempt++) {
        clock.advance(random.integer(1_500));
        const answer = await deferred.accept(request).catch(() => undefined);
        if (answer?.outcome === 'pending') accepted.push({ log: id, number, request: answer.id });
        // Without a key, a repeat would be another command.
        if (answer?.outcome === 'pending' || request.idempotencyKey === undefined) break;
      }
    }
  }

  const settle = async () => {
    for (const { log: id, request } of accepted) {
      await until(
        async () => {
          clock.advance(1_000);
          return (await deferred.find({ aggregate: 'log', id, request }, ada))?.outcome;
        },
        { describe: `the outcome of ${request}` },
      );
    }
  };
  const die = async () => {
    isCutOff = true;
    await deferred.close();
    expect(clock.timers).toBe(0);
  };
  return { deferred, clock, accepted, write, settle, die };
}

async function readNumbers(store: EventStore, id: string): Promise<readonly number[]> {
  const read = await store.readStream(toStreamName('log', id));
  const events = read.outcome === 'read' ? read.events : [];
  return events.filter(({ type }) => type === 'LogNoted').map(({ data }) => data as number);
}

test.each(Array.from({ length: 20 }, (_, round) => round))(
  '[ASY1] [ASY2] [ASY3] whatever fails and whenever it dies, what was accepted is carried out once, in order: %i',
  async (round) => {
    const random = createSeededRandom(round);
    const trouble: Trouble = { perMille: 0 };
    const store = createTroubledStore(random, trouble);
    for (const id of LOGS) {
      const command = { kind: 'create', fields: {} } as const;
      await createTestHandler([log], store).execute({ aggregate: 'log', id, command, user: ada });
    }

    const accepted: Accepted[] = [];
    for (let number = 0; number < LIVES; number++) {
      trouble.perMille = random.integer(150);
      const life = live(store, { random, first: number * 100 });
      const enough = random.integer(40);
      const written = Promise.all(LOGS.map((id) => life.write(id)));
      let isWritten = false;
      void written.then(() => (isWritten = true));
      await until(() => isWritten || life.accepted.length >= enough, { describe: 'acceptances' });
      await life.die();
      await written;
      accepted.push(...life.accepted);
    }

    trouble.perMille = 0;
    const last = live(store, { random, first: LIVES * 100 });
    last.accepted.push(...accepted);
    await last.settle();
    for (const id of LOGS) {
      const asked = accepted.filter((one) => one.log === id).map(({ number }) => number);
      const noted = await readNumbers(store, id);
      expect(new Set(noted).size, `${id} was told each number once`).toBe(noted.length);
      // Others may have been accepted as well, whose answer was lost.
      expect(noted.filter((number) => asked.includes(number))).toEqual(asked);
    }
    await last.die();
    expect(accepted.length).toBeGreaterThan(LIVES);
  },
);
