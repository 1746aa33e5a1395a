import {
  type Authenticate,
  type Clock,
  createInProcessServer,
  type ServerTexts,
  type SocketFrame,
} from '@weft/server/testing';
import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ReadToken } from '../connection/connection.ts';
import { createDevice } from './device.ts';
import { createFaults } from './faults.ts';
import { createManualClock, type ManualClock } from './manualClock.ts';
import { openPage, type Person, type PersonOptions } from './person.ts';
import { createRandom, createUuid } from './seeded.ts';
import { createTraffic, type Traffic } from './traffic.ts';

/** A frame that a person's client sent, or received. Text is JSON; bytes are one of a text's channel. */
export type WorldFrame = {
  readonly person: string;
  readonly direction: 'sent' | 'received';
  readonly data: SocketFrame;
};

export type TestWorldOptions<Definitions extends readonly AggregateDefinition[]> = {
  /** The definitions that the server, and everyone's client, has. */
  readonly aggregates: Definitions;
  /** Who somebody is, by the token shown. Default: people are who they say they are. */
  readonly authenticate?: Authenticate | undefined;
  /**
   * With a seed, links take their turns at random, so that what several people do at once comes about in another order with
   * each seed, and in the same one with the same. Default: links take turns evenly.
   */
  readonly seed?: number | undefined;
  /** Told of every frame when it arrives, before it is read. Default: nobody is told. */
  readonly onFrame?: ((frame: WorldFrame) => void) | undefined;
};

/**
 * People, a network and a server in one process, without sockets, on a clock of its own. The server is the real one over a
 * store in memory. Whoever creates a world ends it.
 */
export type TestWorld<Definitions extends readonly AggregateDefinition[]> = AsyncDisposable & {
  /** Opens a page for somebody, on a device of its own. The name is the token, unless the options have another. */
  connect(name: string, options?: PersonOptions<Definitions>): Person<Definitions>;
  /**
   * Resolves when nothing is on its way any more. What waits for the server and the clients themselves, up to 100 ms of the
   * world's clock at a time, comes about; what waits longer, such as a next attempt to connect, does not.
   *
   * Rejects where something went wrong that nobody waits for, such as an error of the server or a report of a client, and
   * where there is always something on its way.
   */
  settle(): Promise<void>;
  /** Lets that many milliseconds pass on the world's clock, with everything that is due by then. Rejects as `settle` does. */
  advance(milliseconds: number): Promise<void>;
  /** The world's. It begins with 2026-01-01, in UTC, and stands still but for `advance` and the moments that things take. */
  readonly clock: Clock;
  /** The texts as the server stored them, to read and to edit there. */
  readonly texts: ServerTexts;
};

const START = Date.UTC(2026, 0, 1);
const URL_OF_THE_SERVER = 'http://weft.invalid';

/** @throws TypeError where two definitions have one name. */
export function createTestWorld<const Definitions extends readonly AggregateDefinition[]>({
  aggregates,
  authenticate,
  seed,
  onFrame,
}: TestWorldOptions<Definitions>): TestWorld<Definitions> {
  const faults = createFaults();
  const time = createManualClock(START);
  const random = createRandom(seed ?? 0);
  const traffic = createTraffic({
    clock: time,
    draw: seed === undefined ? undefined : random,
    onError: faults.add,
  });
  const clock = watchClock(time, traffic);
  const server = createInProcessServer({
    aggregates,
    authenticate: authenticate && ((credentials) => traffic.track(authenticate(credentials))),
    clock,
    createId: () => createUuid(random),
    logger: faults.logger,
  });
  const closers: (() => Promise<void>)[] = [];
  let ending: Promise<void> | undefined;

  function track(promise: Promise<void>): void {
    traffic.track(promise).catch(faults.add);
  }

  function trackToken(token: string | ReadToken): string | ReadToken {
    return typeof token === 'string' ? token : () => traffic.track(Promise.resolve(token()));
  }

  async function settle(): Promise<void> {
    await traffic.whenIdle();
    faults.check();
  }

  async function end(): Promise<void> {
    for (const close of closers) track(close());
    await traffic.whenIdle();
    await closeServer();
    traffic.stop();
    faults.check();
  }

  /** A server that stops waits for a while for what does not come any more. */
  async function closeServer(): Promise<void> {
    let isClosed = false;
    const closed = server.close().finally(() => {
      isClosed = true;
    });
    await traffic.whenIdle();
    for (let due = time.dueAt(); !isClosed && due !== undefined; due = time.dueAt()) {
      time.advance(due - time.now());
      await traffic.whenIdle();
    }
    await closed;
  }

  return {
    connect: (name, options) => {
      if (ending) throw new Error('the world has ended');
      const device = createDevice({
        traffic,
        openSession: server.openSession,
        onFrame: (direction, data) => onFrame?.({ person: name, direction, data }),
      });
      return openPage({
        name,
        device,
        client: {
          onReport: faults.onReport(name),
          ...options,
          token: trackToken(options?.token ?? name),
          ...{ url: URL_OF_THE_SERVER, aggregates, clock, random },
        },
        atEnd: (close) => closers.push(close),
        track,
      });
    },
    settle,
    advance: async (milliseconds) => {
      const until = time.now() + milliseconds;
      await traffic.whenIdle();
      for (let due = time.dueAt(); due !== undefined && due <= until; due = time.dueAt()) {
        time.advance(due - time.now());
        await traffic.whenIdle();
      }
      time.advance(Math.max(0, until - time.now()));
      await settle();
    },
    clock,
    texts: server.texts,
    [Symbol.asyncDispose]: () => (ending ??= end()),
  };
}

/** Somebody who sets a timer for a moment has something under way. */
function watchClock(clock: ManualClock, traffic: Traffic): Clock {
  return {
    now: clock.now,
    after: (milliseconds, callback) => {
      const cancel = clock.after(milliseconds, callback);
      traffic.wake();
      return cancel;
    },
  };
}
