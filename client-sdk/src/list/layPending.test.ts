import { describe, expect, it } from 'vitest';
import type { ListedAggregate } from '../../protocol/messages/down.ts';
import { AT, toToken } from '../testSupport/createTestClient.ts';
import { BOB } from '../testSupport/fakeServer.ts';
import { FIELDS } from '../testSupport/noteDefinition.ts';
import { layPending } from './layPending.ts';
import type { PendingAggregate } from './pendingAggregates.ts';

function item(id: string): ListedAggregate {
  return { id, fields: { ...FIELDS, title: id }, token: toToken('t1'), by: BOB, at: AT };
}

function shows(id: string, title: string, conflicts = 0): PendingAggregate {
  const fields = { ...FIELDS, title };
  return { id, conflicts, overlay: { status: 'existing', fields, pending: ['title'] } };
}

function isAbsent(id: string, status: 'loading' | 'missing' | 'deleted', conflicts = 0): PendingAggregate {
  return { id, conflicts, overlay: { status } };
}

const items = [item('a'), item('b'), item('c')];

describe('what is on its way over a list', () => {
  it('[OFF1] shows other values where they are, with what the server has of the rest', () => {
    const laid = layPending(items, [shows('b', 'B')], []);
    expect(laid).toEqual([item('a'), { ...item('b'), fields: { ...FIELDS, title: 'B' } }, item('c')]);
  });

  it('[OFF1] shows no deletion, and puts what is not in the list first, newest of all', () => {
    const pending = [isAbsent('b', 'deleted'), shows('d', 'D'), shows('e', 'E')];
    const laid = layPending(items, pending, []);
    expect(laid.map(({ id }) => id)).toEqual(['e', 'd', 'a', 'c']);
    expect(laid[0]).toEqual({
      ...{ id: 'e', fields: { ...FIELDS, title: 'E' } },
      ...{ token: undefined, by: undefined, at: undefined },
    });
  });

  it.each(['loading', 'missing', 'deleted'] as const)('[OFF1] adds nothing of what is %s', (status) => {
    expect(layPending(items, [isAbsent('x', status)], items)).toBe(items);
  });

  it('[OFF1] leaves what the server lists while a change of it is not known to show anything', () => {
    expect(layPending(items, [isAbsent('a', 'loading')], items)).toBe(items);
  });

  it('[OFF4] says where conflicts wait for a decision, also where nothing else is known', () => {
    const laid = layPending(items, [shows('a', 'A', 2), isAbsent('c', 'loading', 1)], []);
    expect(laid.map(({ id, conflicts }) => [id, conflicts])).toEqual([
      ['a', 2],
      ['b', undefined],
      ['c', 1],
    ]);
  });

  it('[OFF1] keeps every object that is as before', () => {
    const before = layPending(items, [shows('b', 'B'), shows('d', 'D')], []);
    expect(layPending(items, [shows('b', 'B'), shows('d', 'D')], before)).toBe(before);
    const after = layPending(items, [shows('b', 'B'), shows('d', 'other')], before);
    expect(after).not.toBe(before);
    expect(after.slice(1)).toEqual(before.slice(1));
    after.slice(1).forEach((each, index) => expect(each).toBe(before[index + 1]));
    expect(layPending(items, [], after)).toBe(items);
  });

  it('[SES7] leaves no more than a list shows', () => {
    const many = Array.from({ length: 1000 }, (_, index) => item(`n${index}`));
    const laid = layPending(many, [shows('new', 'New')], []);
    expect(laid).toHaveLength(1000);
    expect(laid[0]?.id).toBe('new');
  });
});
