import { expect, it } from 'vitest';
import type { note } from '../testSupport/noteDefinition.ts';
import { type Choose, resolveByFunction } from './resolveByFunction.ts';

const FIELDS = [
  { field: 'title', was: 'Plan', is: 'Ben’s', want: 'Ada’s', by: undefined, at: undefined },
  { field: 'remark', was: '', is: 'b', want: 'a', by: undefined, at: undefined },
] as const;

function resolve(choose: Choose<typeof note>) {
  return resolveByFunction(choose, FIELDS);
}

it('[HAN13] resolves by what a function makes of the fields in conflict', () => {
  expect(resolve(() => 'mine')).toBe('mine');
  expect(resolve((fields) => (fields.length > 1 ? 'theirs' : 'mine'))).toBe('theirs');
  const values = resolve((fields) => ({ title: fields.map(({ field }) => field).join(' and ') }));
  expect(values).toEqual({ title: 'title and remark' });
});

it('[HAN13] lets what a function throws reach whoever resolves', () => {
  const fail = () => {
    throw new Error('the function has a fault');
  };
  expect(() => resolve(fail)).toThrow('the function has a fault');
});

it.each([
  ['nothing', undefined],
  ['an unknown word', 'ours'],
  ['a list', []],
  ['a promise', Promise.resolve('mine')],
])('[HAN13] takes %s for no answer', (_what, answer) => {
  expect(() => resolve((() => answer) as unknown as Choose<typeof note>)).toThrow(TypeError);
});
