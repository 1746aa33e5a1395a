import type { Clock } from '../connection/clock.ts';

/** What a keeper holds open: a handle, a list or a text. */
export type Keepable = { subscribe(listener: () => void): () => void; close(): void };

export type KeeperOptions = {
  readonly clock: Clock;
  /** Whether the client is closed, so that nothing can be opened any more. */
  readonly isOver: () => boolean;
};

export type Opening = {
  /** Undefined where it cannot be opened. The same object for as long as it is open. */
  readonly open: () => Keepable | undefined;
  /**
   * Called when nobody holds it any more, though it stays open for a moment; what it returns, when somebody holds it again.
   * Not where that is in the same turn.
   */
  readonly rest?: (() => (() => void) | undefined) | undefined;
};

type Entry = {
  thing: Keepable;
  readonly opening: Opening;
  readonly listeners: Set<() => void>;
  view: { readonly state: unknown; readonly view: unknown } | undefined;
  stopListening: () => void;
  /** Undefined while somebody holds it. */
  stopWaiting: (() => void) | undefined;
  wake: (() => void) | undefined;
};

export type Keeper = ReturnType<typeof createKeeper>;

/** Long enough for whoever leaves a page and comes back, and for what a component still writes when it goes. */
const GRACE_MS = 5_000;

/** Holds what components use: it is opened with the first of them, and closed a moment after the last one. */
export function createKeeper({ clock, isOver }: KeeperOptions) {
  const entries = new Map<string, Entry>();
  const closed = new WeakSet<Keepable>();

  function tell(entry: Entry): void {
    for (const listener of [...entry.listeners]) listener();
  }

  function put(entry: Entry, thing: Keepable): void {
    entry.stopListening();
    entry.thing = thing;
    entry.view = undefined;
    entry.wake = undefined;
    entry.stopListening = thing.subscribe(() => tell(entry));
    tell(entry);
  }

  function add(key: string, opening: Opening, thing: Keepable): Entry {
    const entry: Entry = {
      thing,
      opening,
      listeners: new Set(),
      view: undefined,
      stopListening: () => undefined,
      stopWaiting: undefined,
      wake: undefined,
    };
    put(entry, thing);
    entries.set(key, entry);
    return entry;
  }

  function rest(entry: Entry): void {
    if (entry.stopWaiting) entry.wake ??= entry.opening.rest?.();
  }

  function wake(entry: Entry): void {
    entry.stopWaiting?.();
    entry.stopWaiting = undefined;
    entry.wake?.();
    entry.wake = undefined;
  }

  function close(key: string, entry: Entry): void {
    entry.stopWaiting?.();
    entry.stopWaiting = undefined;
    entry.stopListening();
    entries.delete(key);
    closed.add(entry.thing);
    entry.thing.close();
  }

  return {
    /** Listens to what the key stands for, and holds it until the returned function is called. */
    hold(key: string, opening: Opening, listener: () => void): () => void {
      const thing = isOver() ? undefined : opening.open();
      if (!thing) return () => undefined;
      const entry = entries.get(key) ?? add(key, opening, thing);
      // The application closed the one that was held.
      if (entry.thing !== thing) put(entry, thing);
      wake(entry);
      entry.listeners.add(listener);
      return () => {
        entry.listeners.delete(listener);
        if (entry.listeners.size > 0 || entries.get(key) !== entry) return;
        entry.stopWaiting?.();
        entry.stopWaiting = clock.after(GRACE_MS, () => close(key, entry));
        // StrictMode, and a move to another place of the page, hold it again in this turn.
        queueMicrotask(() => rest(entry));
      };
    },

    find: (key: string): Keepable | undefined => entries.get(key)?.thing,

    /** What is shown of a state: one object for everybody who looks at it. */
    view<View>(key: string, state: unknown, create: () => View): View {
      const entry = entries.get(key);
      if (entry?.view?.state === state) return entry?.view?.view as View;
      const view = create();
      if (entry) entry.view = { state, view };
      return view;
    },

    /** Closes what is held, and opens it anew for those who hold it. */
    reopen(key: string): void {
      const entry = entries.get(key);
      if (!entry) return;
      entry.stopListening();
      entry.thing.close();
      const anew = entry.opening.open();
      if (anew) put(entry, anew);
    },

    hasClosed: (thing: Keepable): boolean => closed.has(thing),

    /** Closes what nobody holds any more, without waiting. */
    closeIdle(): void {
      for (const [key, entry] of [...entries]) if (entry.stopWaiting) close(key, entry);
    },
  };
}
