import type { AggregateHandle } from '../fields/aggregateHandle.ts';
import type { HandleState } from '../fields/handleState.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import type { ListState } from '../list/listHandle.ts';
import type { ConnectionState } from '../connection/connectionState.ts';
import type { SaveState } from '../saveState.ts';
import type { StorageCondition } from '../storage/clientStorage.ts';
import type { TextState } from '../text/textHandle.ts';
import type { OpenClient } from '../react/weftContext.ts';
import { FIELDS, type note } from './noteDefinition.ts';

type Note = typeof note;
type State = HandleState<Note>;
type Existing = Extract<State, { status: 'existing' }>;

export type FakeSource<Value> = Peekable<Value> & {
  set(value: Value): void;
  setQuietly(value: Value): void;
  readonly listeners: number;
};

/** A value that a test sets, and that counts who listens. */
export function createFakeSource<Value>(initial: Value): FakeSource<Value> {
  const listeners = new Set<{ readonly listener: () => void }>();
  let value = initial;
  return {
    peek: () => value,
    subscribe: (listener) => {
      const subscription = { listener };
      listeners.add(subscription);
      return () => {
        listeners.delete(subscription);
      };
    },
    set: (next) => {
      value = next;
      for (const { listener } of [...listeners]) listener();
    },
    setQuietly: (next) => {
      value = next;
    },
    get listeners() {
      return listeners.size;
    },
  };
}

export function loading(): State {
  const common = { conflicts: [], saveState: { status: 'saved' }, canUndo: false, canRedo: false } as const;
  return { status: 'loading', freshness: 'cached', ...common };
}

export function existing(fields: Partial<Existing['fields']> = {}, more: Partial<Existing> = {}): State {
  const all = { ...FIELDS, ...fields } as Existing['fields'];
  const known = { fields: all, confirmed: all, pending: [], token: undefined } as const;
  return { ...loading(), status: 'existing', freshness: 'live', ...known, ...more };
}

/** What a page says of itself in a text: that it is there. */
function createFakeAwareness() {
  const state = createFakeSource<unknown>({ user: { name: 'Ada' }, cursor: 'at 1' });
  return { getLocalState: state.peek, setLocalState: state.set };
}

/** A client whose states a test sets by hand. It writes down what is opened and closed, as `note/n1`. */
export function createFakeClient() {
  const opened: string[] = [];
  const closed: string[] = [];
  const changes: unknown[] = [];
  const open = new Map<string, unknown>();
  const states = new Map<string, FakeSource<State>>();
  const texts = new Map<string, FakeSource<TextState>>();
  const list = createFakeSource<ListState<Note>>({ status: 'ready', freshness: 'live', items: [] });
  const connection = createFakeSource<ConnectionState>({ state: 'connecting' });
  const saveState = createFakeSource<SaveState>({ status: 'saved' });
  const storage = createFakeSource<StorageCondition>({ kind: 'durable' });

  /** The same object for a key until it is closed. */
  function once<Thing extends object>(key: string, create: () => Thing): Thing & { close(): void } {
    const known = open.get(key);
    if (known) return known as Thing & { close(): void };
    const close = () => {
      if (open.get(key) !== thing) return;
      open.delete(key);
      closed.push(key);
    };
    const thing = { ...create(), close };
    opened.push(key);
    open.set(key, thing);
    return thing;
  }

  function stateOf(id: string): FakeSource<State> {
    const state = states.get(id) ?? createFakeSource(loading());
    states.set(id, state);
    return state;
  }

  function textOf(id: string): FakeSource<TextState> {
    const text =
      texts.get(id) ??
      createFakeSource<TextState>({ status: 'synced', saveState: { status: 'saved' }, epoch: undefined });
    texts.set(id, text);
    return text;
  }

  const openNote = (_definition: unknown, id: string) =>
    once(`note/${id}`, () => ({
      id,
      aggregate: 'note',
      peek: stateOf(id).peek,
      subscribe: stateOf(id).subscribe,
      change: (patch: unknown) => {
        changes.push(patch);
        return Promise.resolve({ outcome: 'accepted' });
      },
      text: (field: string) =>
        once(`note/${id}/${field}`, () => ({ ...textOf(id), field, awareness: createFakeAwareness() })),
    }));
  const members = {
    connection: { ...connection, reconnect: () => undefined, renewToken: () => undefined },
    saveState,
    storage,
    open: openNote,
    list: (name: string) => once(name, () => ({ peek: list.peek, subscribe: list.subscribe })),
  };
  return {
    // Only what the hooks use of it.
    client: members as unknown as OpenClient,
    /** As the application opens a note: the same one as the hooks'. */
    openNote: (id: string) => openNote(undefined, id) as unknown as AggregateHandle<Note>,
    opened,
    closed,
    changes,
    stateOf,
    textOf,
    list,
    connection,
    saveState,
    storage,
    close: () => connection.set({ state: 'closed' }),
  };
}
