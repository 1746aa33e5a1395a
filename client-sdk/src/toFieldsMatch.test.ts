import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { toFieldsMatch } from './toFieldsMatch.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');

it('[TOK16] names the fields, and hashes their values as canonical JSON', async () => {
  const fields = { title: 'Plän', place: { room: 'B', floor: 1e21 }, start: null, tags: ['x', -0] };
  const canonical = '{"place":{"floor":1e+21,"room":"B"},"start":null,"tags":["x",0],"title":"Plän"}';
  await expect(toFieldsMatch(fields)).resolves.toBe(
    `title, place, start, tags; sha-256=:${sha256(canonical)}:`,
  );
});

it('[TOK16] has the same hash whatever the order of fields and keys', async () => {
  const hashOf = async (fields: object) => (await toFieldsMatch({ ...fields })).split(';')[1];
  const one = await hashOf({ title: 'A', place: { room: 'B', floor: 1 } });
  expect(await hashOf({ place: { floor: 1, room: 'B' }, title: 'A' })).toBe(one);
  expect(await hashOf({ place: { floor: 2, room: 'B' }, title: 'A' })).not.toBe(one);
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

it.each([
  ['no fields', {}],
  ['undefined', { title: undefined }],
  ['undefined inside', { place: { room: undefined } }],
  ['a number that JSON does not have', { floor: NaN }],
  ['a date', { start: new Date(0) }],
  ['a bigint', { floor: 1n }],
  ['a function', { title: () => 'A' }],
  ['a gap in a list', { tags: Array.from({ length: 1 }) }],
  ['a cycle', cyclic],
])('[TOK16] rejects what is no JSON: %s', async (_what, fields) => {
  await expect(toFieldsMatch(fields)).rejects.toThrow(TypeError);
});
