import type { StreamName } from '../../event-store/eventStore.ts';
import { createKeyedQueue } from '../../lifecycle/keyedQueue.ts';

/** Which command is to be carried out. What it says is read when its turn comes: thousands may wait. */
export type DeferredEntry = {
  /** Of the request. */
  readonly id: string;
  /** Of the aggregate: commands of one are carried out in order. */
  readonly target: StreamName;
};

/** Commands that wait and that are under way. Its owner bounds it by `size`, and closes it. */
export type DeferredQueue = {
  /** Those that wait or are under way. */
  readonly size: number;
  /** Does nothing where it is there already. */
  add(entry: DeferredEntry): void;
  /** Begins, with these before everything that was added so far. */
  open(earlier: readonly DeferredEntry[]): void;
  /** Resolves when it neither waits nor is under way, or the queue is closed. */
  whenGone(id: string): Promise<void>;
  /** Begins nothing more. Resolves when nothing is under way. */
  close(): Promise<void>;
};

type Waiting = DeferredEntry & { readonly gone: PromiseWithResolvers<undefined> };

export type DeferredQueueOptions = {
  readonly maxUnderWay: number;
  /** Never rejects. */
  readonly carryOut: (entry: DeferredEntry) => Promise<void>;
};

export function createDeferredQueue({ maxUnderWay, carryOut }: DeferredQueueOptions): DeferredQueue {
  const waiting = new Map<string, Waiting>();
  const underWay = new Set<Promise<void>>();
  const order = createKeyedQueue<StreamName>();
  const slots = createSlots(maxUnderWay);
  let state: 'held' | 'open' | 'closed' = 'held';

  async function begin(entry: Waiting): Promise<void> {
    if (state === 'closed') return;
    const done = carryOut(entry);
    underWay.add(done);
    await done;
    underWay.delete(done);
    waiting.delete(entry.id);
    entry.gone.resolve(undefined);
  }

  function enqueue(entry: Waiting): void {
    void order.run(entry.target, () => slots.run(() => begin(entry)));
  }

  return {
    get size() {
      return waiting.size;
    },
    add: (added) => {
      if (state === 'closed' || waiting.has(added.id)) return;
      const entry = toWaiting(added);
      waiting.set(entry.id, entry);
      if (state === 'open') enqueue(entry);
    },
    open: (earlier) => {
      if (state !== 'held') return;
      state = 'open';
      const added = [...waiting.values()];
      const first = earlier.map((entry) => waiting.get(entry.id) ?? toWaiting(entry));
      waiting.clear();
      // What is set twice stays where it was set first.
      for (const entry of [...first, ...added]) waiting.set(entry.id, entry);
      for (const entry of waiting.values()) enqueue(entry);
    },
    whenGone: (id) => waiting.get(id)?.gone.promise ?? Promise.resolve(),
    close: async () => {
      state = 'closed';
      for (const { gone } of waiting.values()) gone.resolve(undefined);
      await Promise.all(underWay);
    },
  };
}

function toWaiting({ id, target }: DeferredEntry): Waiting {
  return { id, target, gone: Promise.withResolvers<undefined>() };
}

/** Lets so many tasks run at once; the others wait in turn. */
function createSlots(count: number): { run(task: () => Promise<void>): Promise<void> } {
  const waiting: (() => void)[] = [];
  let free = count;

  async function take(): Promise<void> {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function give(): void {
    const next = waiting.shift();
    if (next) next();
    else free++;
  }

  return {
    run: async (task) => {
      await take();
      try {
        await task();
      } finally {
        give();
      }
    },
  };
}
