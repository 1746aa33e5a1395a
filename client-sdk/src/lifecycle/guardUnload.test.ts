import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import type { ConnectionState } from '../connection/connectionState.ts';
import type { BlockReason, SaveState } from '../saveState.ts';
import type { StorageCondition } from '../storage/clientStorage.ts';
import { guardUnload } from './guardUnload.ts';
import { Listeners } from './listeners.ts';

const SAVED: SaveState = { status: 'saved' };
const SAVING: SaveState = { status: 'saving', pending: 1 };
const OFFLINE: SaveState = { status: 'offline', pending: 0 };
const DURABLE: StorageCondition = { kind: 'durable' };
const MEMORY: StorageCondition = { kind: 'memory', reason: 'none', detail: '' };

function blocked(pending: number, ...reasons: BlockReason[]): SaveState {
  return { status: 'blocked', pending, reasons };
}

function changeable<Value>(value: Value) {
  const listeners = new Listeners(() => undefined);
  return {
    peek: () => value,
    subscribe: (listener: () => void) => listeners.add(listener),
    set: (next: Value) => {
      value = next;
      listeners.emit();
    },
  };
}

let page: EventTarget & { listening: Set<unknown> };

beforeEach(() => {
  page = Object.assign(new EventTarget(), { listening: new Set<unknown>() });
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  page.addEventListener = (type, listener) => {
    page.listening.add(listener);
    addEventListener.call(page, type, listener);
  };
  page.removeEventListener = (type, listener) => {
    page.listening.delete(listener);
    removeEventListener.call(page, type, listener);
  };
  vi.stubGlobal('window', page);
  return () => void vi.unstubAllGlobals();
});

/** Whether the browser would ask. */
function leave(): boolean {
  return !page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
}

function guard(state: SaveState, condition: StorageCondition) {
  const saveState = changeable(state);
  const storage = changeable(condition);
  const connection = changeable<ConnectionState>({ state: 'connecting' });
  const end = guardUnload({ saveState, storage, connection });
  onTestFinished(end);
  return { saveState, storage, connection, end };
}

it.each<[boolean, StorageCondition['kind'], string, SaveState]>([
  [false, 'memory', 'everything is saved', SAVED],
  [true, 'memory', 'something is on its way', SAVING],
  [false, 'memory', 'it is offline, and nothing waits', OFFLINE],
  [true, 'memory', 'it is offline, and something waits', { status: 'offline', pending: 2 }],
  [true, 'memory', 'a conflict is not decided', blocked(0, 'conflict')],
  [true, 'memory', 'edits were refused', blocked(0, 'text-refused')],
  [false, 'memory', 'it is not let in, and nothing waits', blocked(0, 'connection-refused')],
  [true, 'memory', 'it is not let in, and something waits', blocked(1, 'connection-refused')],
  [false, 'durable', 'everything is saved', SAVED],
  [false, 'durable', 'something is on its way', SAVING],
  [false, 'durable', 'it is offline, and something waits', { status: 'offline', pending: 2 }],
  [false, 'durable', 'a conflict is not decided', blocked(3, 'conflict')],
  [false, 'durable', 'edits were refused', blocked(1, 'conflict', 'text-refused')],
])('[SAV3] asks: %s, where things are kept in %s storage and %s', (asks, kind, _what, state) => {
  guard(state, kind === 'durable' ? DURABLE : MEMORY);
  expect(leave()).toBe(asks);
});

it('[SAV3] listens only while leaving would lose something', () => {
  const { saveState, storage } = guard(SAVED, MEMORY);
  expect(page.listening.size).toBe(0);
  saveState.set(SAVING);
  saveState.set({ status: 'saving', pending: 2 });
  expect(page.listening.size).toBe(1);
  storage.set(DURABLE);
  expect(page.listening.size).toBe(0);
  storage.set({ kind: 'memory', reason: 'full', detail: 'the disk is full' });
  expect(page.listening.size).toBe(1);
  saveState.set(SAVED);
  expect(page.listening.size).toBe(0);
  expect(leave()).toBe(false);
});

it('[SAV3] asks for one client, whatever another one of the page says', () => {
  guard(SAVING, MEMORY);
  const other = guard(SAVING, MEMORY);
  other.saveState.set(SAVED);
  other.end();
  expect(leave()).toBe(true);
});

it('[SAV3] listens no more once it is ended', () => {
  const { saveState, storage, end } = guard(SAVING, MEMORY);
  end();
  end();
  expect(page.listening.size).toBe(0);
  saveState.set({ status: 'saving', pending: 2 });
  storage.set(MEMORY);
  expect(page.listening.size).toBe(0);
});

it.each([
  ['no window', undefined],
  ['a window without events', {}],
])('[SAV3] does nothing where there is %s', (_what, window) => {
  vi.stubGlobal('window', window);
  const { saveState, end } = guard(SAVING, MEMORY);
  expect(() => saveState.set(SAVED)).not.toThrow();
  expect(end).not.toThrow();
});

it('[SAV3] ends with the client', () => {
  const { connection } = guard(SAVING, MEMORY);
  expect(leave()).toBe(true);
  connection.set({ state: 'closed' });
  expect(leave()).toBe(false);
  expect(page.listening.size).toBe(0);
});
