import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Up } from '../../protocol/messages/up.ts';
import type { ListedAggregate } from '../../protocol/messages/down.ts';
import type { ClientContext } from '../clientContext.ts';
import type { OpenStorage } from '../storage/clientStorage.ts';
import type { StorageChange, StoredList } from '../storage/storedRecords.ts';
import { AT, toToken } from '../testSupport/createTestClient.ts';
import { BOB } from '../testSupport/fakeServer.ts';
import { createManualClock } from '../testSupport/manualClock.ts';
import { ListRegistry } from './listRegistry.ts';
import type { PendingAggregate } from './pendingAggregates.ts';

function item(id: string): ListedAggregate {
  return { id, fields: { title: id }, token: toToken('t1'), by: BOB, at: AT };
}

const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

/** A list of notes, with a storage that has, or does not have, what was kept, and pending changes by hand. */
function setUp({ kept }: { kept?: readonly ListedAggregate[] } = {}) {
  const clock = createManualClock();
  const read = Promise.withResolvers<StoredList | undefined>();
  const written: StorageChange[] = [];
  const sent: Up[] = [];
  const listeners = new Set<() => void>();
  let pending: readonly PendingAggregate[] = [];
  const context = {
    connection: { reach: 'down', send: (message: Up) => void sent.push(message) },
    clock,
    report: vi.fn(),
    storage: {
      whenOpen: Promise.resolve({ readList: () => read.promise } as unknown as OpenStorage),
      write: (...changes: StorageChange[]) => void written.push(...changes),
    },
  } as unknown as ClientContext;
  const lists = new ListRegistry(context, {
    of: () => pending,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  onTestFinished(() => lists.close());
  const list = lists.open('note');
  return {
    ...{ clock, lists, list, handle: list.handle, written, sent, listeners },
    /** The device answers. */
    answerRead: async () => {
      read.resolve(kept && { aggregate: 'note', items: kept });
      await setImmediate();
    },
    setPending: (next: readonly PendingAggregate[]) => {
      pending = next;
      for (const listener of listeners) listener();
    },
  };
}

const shows = (id: string, title: string): PendingAggregate => ({
  id,
  conflicts: 0,
  overlay: { status: 'existing', fields: { title }, pending: ['title'] },
});

describe('a list that was kept', () => {
  it('[OFF1] shows what was kept as cached, until the server answers', async () => {
    const { handle, list, answerRead } = setUp({ kept: [item('a')] });
    expect(handle.peek()).toEqual({ status: 'loading', freshness: 'cached', items: [] });
    const ready = handle.whenReady();
    await answerRead();
    const cached = { status: 'ready', freshness: 'cached', items: [item('a')] };
    expect(handle.peek()).toEqual(cached);
    await expect(ready).resolves.toEqual(cached);
    list.receiveList([item('b')]);
    expect(handle.peek()).toEqual({ status: 'ready', freshness: 'live', items: [item('b')] });
    list.onReach('down');
    expect(handle.peek()).toEqual({ status: 'ready', freshness: 'cached', items: [item('b')] });
  });

  it('[OFF1] does not come over what the server has said meanwhile', async () => {
    const { handle, list, answerRead } = setUp({ kept: [item('a')] });
    list.receiveList([item('b')]);
    await answerRead();
    expect(ids(handle.peek().items)).toEqual(['b']);
  });

  it('[OFF1] is loading where nothing was kept, and after its end where anything was', async () => {
    const nothing = setUp();
    await nothing.answerRead();
    expect(nothing.handle.peek().status).toBe('loading');
    const closed = setUp({ kept: [item('a')] });
    closed.handle.close();
    await closed.answerRead();
    expect(closed.handle.peek().status).toBe('loading');
  });

  it('[OFF1] is written once a second at most, and at its end', () => {
    const { list, clock, written } = setUp();
    list.receiveList([item('a')]);
    list.receiveChange({ kind: 'put', item: item('b') });
    expect(written).toEqual([]);
    clock.advance(1_000);
    expect(written).toEqual([
      { type: 'put-list', list: { aggregate: 'note', items: [item('b'), item('a')] } },
    ]);
    clock.advance(10_000);
    expect(written).toHaveLength(1);
    for (let change = 0; change < 100; change++) {
      list.receiveChange({ kind: 'put', item: item(`n${change}`) });
      clock.advance(10);
    }
    expect(written).toHaveLength(2);
    list.receiveChange({ kind: 'removed', id: 'a' });
    list.close();
    list.close();
    expect(written).toHaveLength(3);
    expect(written.at(-1)).toMatchObject({ list: { items: { length: 101 } } });
    expect(clock.timers).toBe(0);
  });

  it('[OFF1] writes nothing where the server has not answered', async () => {
    const { list, clock, written, answerRead } = setUp({ kept: [item('a')] });
    await answerRead();
    clock.advance(10_000);
    list.close();
    expect(written).toEqual([]);
  });
});

describe('pending commands over a list', () => {
  it('[OFF1] are shown at once, and told once for all that change in one task', async () => {
    const { handle, list, setPending } = setUp();
    list.receiveList([item('a'), item('b')]);
    const listener = vi.fn();
    handle.subscribe(listener);
    setPending([shows('a', 'A')]);
    setPending([shows('a', 'A'), shows('new', 'New')]);
    expect(ids(handle.peek().items)).toEqual(['new', 'a', 'b']);
    expect(handle.peek()).toBe(handle.peek());
    expect(listener).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(listener).toHaveBeenCalledOnce();
    setPending([shows('a', 'A'), shows('new', 'New')]);
    await Promise.resolve();
    expect(listener).toHaveBeenCalledOnce();
    setPending([]);
    await Promise.resolve();
    expect(handle.peek().items).toEqual([item('a'), item('b')]);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('[OFF1] show creations also before the list is known, and are never kept as the server’s', async () => {
    const { handle, list, setPending, clock, written, answerRead } = setUp();
    await answerRead();
    setPending([shows('new', 'New')]);
    await Promise.resolve();
    expect(handle.peek()).toMatchObject({ status: 'loading', items: [{ id: 'new' }] });
    list.receiveList([item('a')]);
    expect(ids(handle.peek().items)).toEqual(['new', 'a']);
    clock.advance(1_000);
    expect(written).toMatchObject([{ list: { items: [{ id: 'a' }] } }]);
  });

  it('[HAN10] are no longer watched by a list that is closed', async () => {
    const { handle, list, setPending, listeners } = setUp();
    list.receiveList([item('a')]);
    const listener = vi.fn();
    handle.subscribe(listener);
    setPending([shows('a', 'A')]);
    handle.close();
    await Promise.resolve();
    expect(listener).not.toHaveBeenCalled();
    expect(listeners.size).toBe(0);
  });
});
