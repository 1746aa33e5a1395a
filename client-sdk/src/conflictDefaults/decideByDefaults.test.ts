import { expect, it } from 'vitest';
import type { FieldValues } from '../../protocol/outcome.ts';
import { decideByDefaults } from './decideByDefaults.ts';
import type { AnyResolvers } from './resolvers.ts';

const BEN = { by: { id: 'ben', name: 'Ben' }, at: '2026-01-02T03:04:05.678Z' };
const TITLE = { field: 'title', was: 'Plan', is: 'Ben’s plan', want: 'Ada’s plan', ...BEN };
const TAGS = { field: 'tags', was: [], is: ['b'], want: ['a'], ...BEN };

type Given = {
  readonly fields?: readonly (
    typeof TITLE | typeof TAGS | (Omit<typeof TITLE, 'want'> & { want: undefined })
  )[];
  readonly command?: string;
  /** Beside the fields in conflict. */
  readonly asked?: FieldValues;
};

function decide(resolvers: AnyResolvers, { fields = [TITLE, TAGS], command, asked = {} }: Given = {}) {
  const errors: unknown[] = [];
  const wanted = fields.filter(({ want }) => want !== undefined).map(({ field, want }) => [field, want]);
  const all = { ...asked, ...(Object.fromEntries(wanted) as FieldValues) };
  const decision = decideByDefaults(resolvers, { command, fields, asked: all }, (error) =>
    errors.push(error),
  );
  return { decision, errors };
}

const mine = () => 'mine' as const;
const theirs = () => 'theirs' as const;
const value = () => ({ value: 'Our plan' });

it('[HAN13] decides by the answers for all fields', () => {
  expect(decide({ title: mine, tags: mine }).decision).toBe('mine');
  expect(decide({ title: theirs, tags: theirs }).decision).toBe('theirs');
  expect(decide({ title: value, tags: mine }).decision).toEqual({ title: 'Our plan', tags: ['a'] });
  expect(decide({ title: value, tags: theirs }).decision).toEqual({ title: 'Our plan' });
});

it('[HAN13] tells a resolver everything of its field', () => {
  const told: unknown[] = [];
  const tell: AnyResolvers[string] = (conflicting) => void told.push(conflicting);
  decide({ title: tell }, { fields: [TITLE] });
  expect(told).toEqual([TITLE]);
});

it('[HAN13] leaves a conflict to a person where a field has no answer', () => {
  expect(decide({ title: mine }).decision).toBeUndefined();
  expect(decide({ title: mine, tags: () => undefined }).decision).toBeUndefined();
  expect(decide({}, { fields: [] }).decision).toBeUndefined();
});

it('[HAN13] takes nothing that every object has for a resolver', () => {
  expect(decide({}, { fields: [{ ...TITLE, field: 'toString' }] }).decision).toBeUndefined();
});

it('[HAN13] goes on asking for what is not in conflict', () => {
  const asked = { status: 'done' };
  expect(decide({ title: mine, tags: mine }, { asked }).decision).toBe('mine');
  expect(decide({ title: value, tags: theirs }, { asked }).decision).toEqual({
    title: 'Our plan',
    status: 'done',
  });
  expect(decide({ title: theirs, tags: theirs }, { asked }).decision).toEqual({ status: 'done' });
});

it('[HAN13] reports a resolver that throws, and leaves the conflict to a person', () => {
  const error = new Error('the resolver has a fault');
  const failing = () => {
    throw error;
  };
  expect(decide({ title: failing, tags: mine })).toEqual({ decision: undefined, errors: [error] });
});

it.each([
  ['a promise', Promise.resolve('mine')],
  ['an unknown word', 'ours'],
  ['null', null],
  ['no value', { value: undefined }],
])('[HAN13] takes %s for no answer', (_what, answer) => {
  const resolver = (() => answer) as unknown as AnyResolvers[string];
  expect(decide({ title: resolver, tags: mine })).toEqual({ decision: undefined, errors: [] });
});

it('[HAN13] decides a deletion and a domain command only as a whole', () => {
  const deleted = {
    fields: [
      { ...TITLE, want: undefined },
      { ...TITLE, field: 'status', want: undefined },
    ],
  };
  for (const given of [deleted, { fields: [TITLE, { ...TITLE, field: 'status' }], command: 'close' }]) {
    expect(decide({ title: mine, status: mine }, given).decision).toBe('mine');
    expect(decide({ title: theirs, status: theirs }, given).decision).toBe('theirs');
    expect(decide({ title: mine, status: theirs }, given).decision).toBeUndefined();
    expect(decide({ title: value, status: value }, given).decision).toBeUndefined();
  }
});

it('[HAN13] does not carry out half of a domain command that others asked for', () => {
  const given = { fields: [TITLE], command: 'close', asked: { status: 'done' } };
  expect(decide({ title: theirs }, given).decision).toBe('theirs');
});
