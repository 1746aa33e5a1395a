import { nextTurn, nextTurnOfTimers } from './eventLoop.ts';
import type { ManualClock } from './manualClock.ts';

/** One way of a link: what is put in comes out in that order, later. */
export type Lane = {
  push(delivery: () => void): void;
  /** What is under way is lost. */
  clear(): void;
};

/**
 * Everything that is on its way in a world. It goes on by itself, turn by turn of the event loop, so that whoever awaits an
 * answer gets it, and rests when nothing is on its way.
 */
export type Traffic = {
  /** While it `isHeld` nothing comes out of a lane, and what waits in it is not on its way. */
  createLane(isHeld: () => boolean): Lane;
  /** Something may be on its way that no lane shows. */
  wake(): void;
  /** Somebody in this process was told of an end, and may have set a timer that waits for nothing. */
  passTimers(): void;
  /** Counts as on its way until it settles. */
  track<Value>(promise: Promise<Value>): Promise<Value>;
  /** Resolves when nothing is on its way. Rejects where that does not come about. */
  whenIdle(): Promise<void>;
  /** Nothing moves after it. Idempotent. */
  stop(): void;
};

export type TrafficOptions = {
  readonly clock: ManualClock;
  /** In [0, 1): draws which lanes go on, and in which order. Undefined: all of them in the order in which they were filled. */
  readonly draw: (() => number) | undefined;
  /** A delivery threw. */
  readonly onError: (error: unknown) => void;
};

/** A timer that was set to no more milliseconds than these is the pace of something under way: it runs by itself. */
const MAX_PACE_MS = 100;

// A turn of the event loop is enough for any chain of promises; what takes turns of its own, such as a storage of the
// application's, gets a few.
const QUIET_TURNS = 4;

/** Two that answer each other never come to rest. A few thousand commands, one after the other, do. */
const MAX_TURNS = 10_000;

type Queue = { readonly deliveries: (() => void)[]; readonly isHeld: () => boolean };

export function createTraffic({ clock, draw, onError }: TrafficOptions): Traffic {
  // Those with something in them, in the order in which they were filled.
  const queues = new Set<Queue>();
  let waiting: PromiseWithResolvers<undefined>[] = [];
  let state: 'resting' | 'scheduled' | 'stopped' = 'resting';
  let quietTurns = 0;
  let turns = 0;
  let tracked = 0;
  let mustPassTimers = false;

  function wake(): void {
    quietTurns = 0;
    if (state === 'resting') schedule();
  }

  function schedule(): void {
    state = 'scheduled';
    if (mustPassTimers) nextTurn(() => nextTurnOfTimers(turn));
    else nextTurn(turn);
    mustPassTimers = false;
  }

  function turn(): void {
    if (state === 'stopped') return;
    if (mustPassTimers) return schedule();
    turns++;
    if (turns > MAX_TURNS) giveUp();
    if (deliver() || ++quietTurns < QUIET_TURNS || pace()) schedule();
    else rest();
  }

  /** Whether something came out of a lane. */
  function deliver(): boolean {
    const open = [...queues].filter(({ isHeld }) => !isHeld());
    for (const queue of draw ? drawFrom(open, draw) : open) {
      const delivery = queue.deliveries.shift();
      if (queue.deliveries.length === 0) queues.delete(queue);
      attempt(delivery);
    }
    if (open.length > 0) quietTurns = 0;
    return open.length > 0;
  }

  /** Whether the clock went on to a timer that was set for a moment. */
  function pace(): boolean {
    const due = clock.dueAt(MAX_PACE_MS);
    if (due === undefined) return false;
    quietTurns = 0;
    attempt(() => clock.advance(due - clock.now()));
    return true;
  }

  /** What an application's listener throws must not stop everything else. */
  function attempt(action: (() => void) | undefined): void {
    try {
      action?.();
    } catch (error) {
      onError(error);
    }
  }

  function rest(): void {
    state = 'resting';
    if (tracked > 0) return;
    turns = 0;
    const done = waiting;
    waiting = [];
    for (const { resolve } of done) resolve(undefined);
  }

  function giveUp(): void {
    turns = 0;
    const given = waiting;
    waiting = [];
    const error = new Error('the world does not settle: there is always something on its way');
    for (const { reject } of given) reject(error);
  }

  return {
    createLane: (isHeld) => {
      const queue: Queue = { deliveries: [], isHeld };
      return {
        push: (delivery) => {
          queue.deliveries.push(delivery);
          queues.add(queue);
          wake();
        },
        clear: () => {
          queue.deliveries.length = 0;
          queues.delete(queue);
        },
      };
    },
    wake,
    passTimers: () => {
      mustPassTimers = true;
      wake();
    },
    track: async (promise) => {
      tracked++;
      try {
        return await promise;
      } finally {
        tracked--;
        wake();
      }
    },
    whenIdle: async () => {
      const idle = Promise.withResolvers<undefined>();
      if (state === 'stopped') idle.resolve(undefined);
      else waiting.push(idle);
      wake();
      await idle.promise;
    },
    stop: () => {
      state = 'stopped';
      queues.clear();
      for (const { resolve } of waiting) resolve(undefined);
      waiting = [];
    },
  };
}

/** Some of them, at least one, in any order. */
function drawFrom(queues: readonly Queue[], draw: () => number): Queue[] {
  const shuffled = queues
    .map((queue) => ({ queue, place: draw() }))
    .sort((one, other) => one.place - other.place)
    .map(({ queue }) => queue);
  return shuffled.slice(0, 1 + Math.floor(draw() * shuffled.length));
}
