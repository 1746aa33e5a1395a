import { expect, test } from 'vitest';
import { z } from 'zod';
import { richText, text } from './aggregateDefinition.ts';
import { defineAggregate } from './defineAggregate.ts';
import { mergeSet } from './merges/mergeSet.ts';

const fields = { title: z.string().min(1), due: z.string().nullable(), done: z.boolean() };

// The compiler refuses most of these; whoever writes JavaScript has no compiler.
const define = (name: string, options: Record<string, unknown>) =>
  defineAggregate(name, { fields, ...options });

test.each([
  ['an empty name', '', {}],
  ['a name with a dash, which ends a stream’s category', 'to-do', {}],
  ['a name that a client uses itself', 'connection', {}],
  ['a name that every object has', 'toString', {}],
  ['a field with a bad name', 'task', { fields: { 'a b': z.string() } }],
  ['a field named as every object’s member', 'task', { fields: { constructor: z.string() } }],
  ['a text with a bad name', 'task', { text: { 'x/y': text() } }],
  [
    'a text with a dot, which would be a stream beside another text’s',
    'task',
    { text: { 'body.versions': text() } },
  ],
  ['a text of no kind', 'task', { text: { body: { kind: 'drawing' } } }],
  ['one name for a field and a text', 'task', { text: { title: text() } }],
  ['an initial value of no field', 'task', { initial: { titel: 'x' } }],
  ['an initial value that its schema refuses', 'task', { initial: { title: '' } }],
  ['a policy of no field', 'task', { onConflict: { titel: 'reject' } }],
  ['a policy that is none', 'task', { onConflict: { title: 'newest-wins' } }],
  ['a group of no field', 'task', { groups: { dates: ['due', 'start'] } }],
  ['a field in two groups', 'task', { groups: { a: ['due', 'done'], b: ['done', 'title'] } }],
])('[DEF1] %s is refused', (_case, name, options) => {
  expect(() => define(name, options)).toThrow(TypeError);
});

test('[DEF1] an asynchronous schema is refused', () => {
  const schema = z.string().refine(() => Promise.resolve(true));
  expect(() => define('task', { fields: { title: schema }, initial: { title: 'x' } })).toThrow();
});

test('[DEF1] a definition keeps what it was given and fills in the rest', () => {
  const task = defineAggregate('task', { fields, initial: { done: false } });
  expect(task).toMatchObject({
    name: 'task',
    initial: { done: false },
    groups: {},
    onConflict: {},
    text: {},
  });
  expect(task.check({ title: 'x', due: null, done: true })).toEqual([]);
});

test('[RIC3] a definition keeps the kind of each text', () => {
  const task = defineAggregate('task', { fields, text: { body: richText(), summary: text() } });
  expect(task.text).toEqual({ body: { kind: 'rich-text' }, summary: { kind: 'text' } });
});

test.each([
  { was: ['a'], is: ['a', 'b'], want: ['a', 'c'], merged: ['a', 'b', 'c'] },
  { was: ['a', 'b'], is: ['b'], want: ['a'], merged: [] },
  { was: [], is: ['a'], want: ['a'], merged: ['a'] },
  { was: ['a', 'b'], is: ['a', 'b', 'c'], want: ['b'], merged: ['b', 'c'] },
])('[DEF3] mergeSet of $was with $is and $want is $merged', ({ was, is, want, merged }) => {
  expect(mergeSet<string>(was, is, want)).toEqual(merged);
});

test('[DEF3] mergeSet compares members by value', () => {
  expect(mergeSet([{ id: 1 }], [{ id: 1 }, { id: 2 }], [])).toEqual([{ id: 2 }]);
});
