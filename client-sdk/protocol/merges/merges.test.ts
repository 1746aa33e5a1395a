import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from '../defineAggregate.ts';
import { mergeCounter } from './mergeCounter.ts';
import { mergeListById } from './mergeListById.ts';
import { mergeObject } from './mergeObject.ts';
import { mergeSet } from './mergeSet.ts';

test.each([
  { was: 10, is: 13, want: 15, merged: 18 },
  { was: 10, is: 11, want: 11, merged: 12 },
  { was: 10, is: 4, want: 9, merged: 3 },
  { was: 0.1, is: 0.1, want: 0.3, merged: 0.3 },
  { was: 1e300, is: 1e300, want: 1, merged: 1 },
  { was: 0, is: 2 ** 53, want: 1, merged: 2 ** 53 },
  { was: -1e308, is: 1e308, want: 1e308, merged: Infinity },
])('[DEF4] mergeCounter of $was with $is and $want is $merged', ({ was, is, want, merged }) => {
  expect(mergeCounter(was, is, want)).toBe(merged);
});

// Comparing each with each would take this test a quarter of a minute, and time it out.
test.each<[string, (index: number) => unknown]>([
  ['values', (index) => (index % 2 === 0 ? index : String(index))],
  ['objects', (index) => (index % 2 === 0 ? { id: index, of: 'x' } : { of: 'x', id: index })],
])('[DEF3] mergeSet of as many %s as a request can carry is merged at once', (_what, toMember) => {
  const members = Array.from({ length: 22_000 }, (_, index) => toMember(index));
  const copy = structuredClone(members);
  expect(mergeSet(members.slice(0, -1), copy.slice(1), members)).toHaveLength(members.length - 1);
});

type Place = { room?: string; floor?: number; city?: string };

test.each<{ rule: string; was: Place; is: Place; want: Place; merged: Place }>([
  {
    rule: 'takes every member from the side that changed it',
    was: { room: '1', floor: 1 },
    is: { room: '2', floor: 1 },
    want: { room: '1', floor: 2 },
    merged: { room: '2', floor: 2 },
  },
  {
    rule: 'keeps what is asked of a member that both changed',
    was: { room: '1' },
    is: { room: '2' },
    want: { room: '3' },
    merged: { room: '3' },
  },
  {
    rule: 'keeps what is asked of a member that both added',
    was: {},
    is: { room: '2', floor: 1 },
    want: { room: '3', city: 'Rome' },
    merged: { room: '3', floor: 1, city: 'Rome' },
  },
  {
    rule: 'drops what one side removed and the other left alone',
    was: { room: '1', floor: 1, city: 'Rome' },
    is: { room: '1', city: 'Rome' },
    want: { floor: 1, city: 'Rome' },
    merged: { city: 'Rome' },
  },
  {
    rule: 'keeps a change of what the other side removed',
    was: { room: '1', floor: 1 },
    is: { room: '2' },
    want: { floor: 2 },
    merged: { room: '2', floor: 2 },
  },
])('[DEF4] mergeObject $rule', ({ was, is, want, merged }) => {
  expect(mergeObject(was, is, want)).toEqual(merged);
});

test('[DEF4] mergeObject takes a member of any name for a member, and nothing for one that is not there', () => {
  const parse = (json: string) => JSON.parse(json) as Record<string, unknown>;
  const merged = mergeObject(parse('{}'), parse('{"__proto__":{"a":1}}'), parse('{"constructor":1}'));
  expect(JSON.stringify(merged)).toBe('{"__proto__":{"a":1},"constructor":1}');
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
});

type Step = { id: string; name?: string; done?: boolean };
/** `a b!`: item `a` as it was made, and item `b` after an edit. */
const toSteps = (ids: string): Step[] =>
  ids
    .split(' ')
    .flatMap((id) => (id === '' ? [] : [id.endsWith('!') ? { id: id.slice(0, -1), done: true } : { id }]));

test.each([
  { rule: 'has what either side added', was: 'a', is: 'a b', want: 'a c', merged: 'a b c' },
  {
    rule: 'places what was asked before what follows it',
    was: 'a b',
    is: 'a x b',
    want: 'y a z b',
    merged: 'y a x z b',
  },
  { rule: 'drops what either side removed', was: 'a b c', is: 'b c', want: 'a b', merged: 'b' },
  {
    rule: 'keeps an edited item that was removed by who asks',
    was: 'a b',
    is: 'a! b',
    want: 'b',
    merged: 'a! b',
  },
  {
    rule: 'keeps an edited item that was removed meanwhile',
    was: 'a b',
    is: 'b',
    want: 'a! b',
    merged: 'a! b',
  },
  {
    rule: 'takes the order of the only side that moved: who asks',
    was: 'a b c',
    is: 'a b c d',
    want: 'c a b',
    merged: 'c a b d',
  },
  {
    rule: 'takes the order of the only side that moved: who was first',
    was: 'a b c',
    is: 'c a b',
    want: 'a b c d',
    merged: 'c a b d',
  },
  {
    rule: 'takes the order of who asks where the others removed and added, and moved nothing',
    was: 'a b c',
    is: 'a d c',
    want: 'c b a',
    merged: 'd c a',
  },
  {
    rule: 'keeps the order that is there where both sides moved items',
    was: 'a b c',
    is: 'b a c',
    want: 'c b a',
    merged: 'b a c',
  },
  { rule: 'takes no removal for a move', was: 'a b c', is: 'b c', want: 'b a c', merged: 'b c' },
  { rule: 'takes the first of items with one id', was: 'a', is: 'a a! b', want: 'a c c!', merged: 'a b c' },
  { rule: 'leaves nothing where both sides removed everything', was: 'a b', is: '', want: '', merged: '' },
])('[DEF4] mergeListById $rule', ({ was, is, want, merged }) => {
  const merge = mergeListById('id');
  expect(merge(toSteps(was), toSteps(is), toSteps(want))).toEqual(toSteps(merged));
});

test('[DEF4] mergeListById merges what both sides have of an item', () => {
  const merge = mergeListById('id');
  expect(
    merge<Step>(
      [{ id: 'a', name: 'Pack', done: false }],
      [
        { id: 'a', name: 'Pack bags', done: false },
        { id: 'b', name: 'Go', done: false },
      ],
      [
        { id: 'a', name: 'Pack', done: true },
        { id: 'b', name: 'Leave' },
      ],
    ),
  ).toEqual([
    { id: 'a', name: 'Pack bags', done: true },
    { id: 'b', name: 'Leave', done: false },
  ]);
});

test('[DEF4] mergeListById tells a number from the string of its digits', () => {
  const merge = mergeListById('id');
  expect(merge<{ id: string | number }>([], [{ id: 1 }], [{ id: '1' }])).toEqual([{ id: 1 }, { id: '1' }]);
});

test('[DEF2] a merge function fits the fields that it can merge, and no others', () => {
  const fields = {
    votes: z.int(),
    place: z.object({ room: z.string().optional() }),
    labels: z.record(z.string(), z.string()),
    steps: z.array(z.object({ id: z.uuid(), name: z.string() })),
    rooms: z.array(z.object({ number: z.int(), name: z.string().optional() })),
    remark: z.string().nullable(),
  };
  const onConflict = {
    votes: mergeCounter,
    place: mergeObject,
    labels: mergeObject,
    steps: mergeListById('id'),
    rooms: mergeListById('number'),
  };
  expect(defineAggregate('house', { fields, onConflict }).onConflict).toEqual(onConflict);

  // @ts-expect-error a string is no number
  defineAggregate('house', { fields, onConflict: { remark: mergeCounter } });
  // @ts-expect-error a list is no object
  defineAggregate('house', { fields, onConflict: { steps: mergeObject } });
  // @ts-expect-error there is no member 'key'
  defineAggregate('house', { fields, onConflict: { steps: mergeListById('key') } });
  // @ts-expect-error a member that may be missing tells nothing apart
  defineAggregate('house', { fields, onConflict: { rooms: mergeListById('name') } });
  // @ts-expect-error an object is no list
  defineAggregate('house', { fields, onConflict: { place: mergeListById('room') } });
});
