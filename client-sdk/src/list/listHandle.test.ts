import { describe, expect, it, vi } from 'vitest';
import type { ListedAggregate } from '../../protocol/messages/down.ts';
import { AT, createTestClient, toToken } from '../testSupport/createTestClient.ts';
import { BOB } from '../testSupport/fakeServer.ts';
import { FIELDS } from '../testSupport/noteDefinition.ts';
import { applyListChange } from './applyListChange.ts';

function item(id: string, title = id): ListedAggregate {
  return { id, fields: { ...FIELDS, title }, token: toToken('t1'), by: BOB, at: AT };
}

const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

describe('a list', () => {
  it('[SES7] is loading until the server answers, then follows every change', async () => {
    const { server, weft } = createTestClient();
    const list = weft.list('note');
    expect(list.peek()).toEqual({ status: 'loading', freshness: 'cached', items: [] });
    await server.accept();
    expect(server.all('subscribe-list')).toEqual([{ type: 'subscribe-list', aggregate: 'note' }]);
    const ready = list.whenReady();
    server.say({ type: 'list', aggregate: 'note', items: [item('a'), item('b')] });
    await expect(ready).resolves.toEqual({
      status: 'ready',
      freshness: 'live',
      items: [item('a'), item('b')],
    });
    server.say({ type: 'list-changed', aggregate: 'note', change: { kind: 'put', item: item('b', 'B') } });
    server.say({ type: 'list-changed', aggregate: 'note', change: { kind: 'removed', id: 'a' } });
    expect(list.peek().items).toEqual([item('b', 'B')]);
    expect(list.peek()).toBe(list.peek());
  });

  it('[HAN9] keeps what it has while offline, and takes the newest after a reconnect', async () => {
    const { server, clock, weft } = createTestClient();
    const list = weft.list('note');
    await server.accept();
    server.say({ type: 'list', aggregate: 'note', items: [item('a')] });
    server.lose();
    expect(ids(list.peek().items)).toEqual(['a']);
    expect(list.peek().freshness).toBe('cached');
    clock.advance(125);
    await server.accept({ attempt: 2 });
    server.say({ type: 'list-changed', aggregate: 'note', change: { kind: 'put', item: item('stray') } });
    expect(ids(list.peek().items)).toEqual(['a']);
    server.say({ type: 'list', aggregate: 'note', items: [item('c')] });
    expect(ids(list.peek().items)).toEqual(['c']);
    expect(list.peek().freshness).toBe('live');
  });

  it('[HAN1] is the same list until it is closed', async () => {
    const { server, weft } = createTestClient();
    await server.accept();
    const list = weft.list('note');
    expect(weft.list('note')).toBe(list);
    const listener = vi.fn();
    list.subscribe(listener);
    const waiting = list.whenReady();
    list.close();
    list.close();
    await expect(waiting).rejects.toThrow('closed');
    expect(server.all('unsubscribe-list')).toHaveLength(1);
    server.say({ type: 'list', aggregate: 'note', items: [item('a')] });
    expect(listener).not.toHaveBeenCalled();
    expect(weft.list('note')).not.toBe(list);
  });
});

describe('a change', () => {
  it('[SES7] puts what is new or changed first', () => {
    const items = [item('a'), item('b')];
    expect(ids(applyListChange(items, { kind: 'put', item: item('b') }))).toEqual(['b', 'a']);
    expect(ids(applyListChange(items, { kind: 'put', item: item('c') }))).toEqual(['c', 'a', 'b']);
    expect(ids(applyListChange(items, { kind: 'removed', id: 'a' }))).toEqual(['b']);
  });

  it('[SES7] leaves no more than a list shows', () => {
    const items = Array.from({ length: 1000 }, (_, index) => item(`n${index}`));
    const after = applyListChange(items, { kind: 'put', item: item('new') });
    expect(after).toHaveLength(1000);
    expect(ids(after).at(-1)).toBe('n998');
  });
});
