import { expect, it } from 'vitest';
import { toMergePatch } from './toMergePatch.ts';

it.each([
  ['a plain value by itself', 'a', 'b', 'b'],
  ['null by itself', 'a', null, null],
  ['a list by itself', [1, 2], [2], [2]],
  ['an object where there was none', null, { room: 'A' }, { room: 'A' }],
  ['a member that is new', { room: 'A' }, { room: 'A', floor: 2 }, { floor: 2 }],
  ['a member that is gone', { room: 'A', floor: 2 }, { floor: 2 }, { room: null }],
  ['a member deep inside', { at: { x: 1, y: 2 } }, { at: { x: 1, y: 3 } }, { at: { y: 3 } }],
  ['nothing for an equal object', { room: 'A' }, { room: 'A' }, {}],
])('[CMD3] asks for %s', (_what, from, to, patch) => {
  expect(toMergePatch(from, to)).toEqual(patch);
});
