import { expect, it } from 'vitest';
import { mergeConflictingFields, putConflict } from './conflictList.ts';

const conflict = (id: string, ...fields: string[]) => ({ id, fields: fields.map((field) => ({ field })) });
const ids = (open: readonly { id: string }[]) => open.map(({ id }) => id);

it('[HAN5] keeps conflicts on different fields apart', () => {
  expect(ids(putConflict([conflict('a', 'title')], conflict('b', 'status')))).toEqual(['a', 'b']);
});

it('[HAN5] puts a conflict in the place of all that it shares a field with', () => {
  const open = [conflict('a', 'title'), conflict('b', 'status'), conflict('c', 'tags')];
  expect(ids(putConflict(open, conflict('a', 'title', 'tags')))).toEqual(['b', 'a']);
});

it('[HAN5] keeps what was seen first, and the newest of the rest', () => {
  const older = [
    { field: 'start', was: 1, is: 2, want: 3 },
    { field: 'end', was: 1, is: 2, want: 3 },
  ];
  const newer = [
    { field: 'end', was: 2, is: 4, want: 5 },
    { field: 'title', was: 'a', is: 'b', want: 'c' },
  ];
  expect(mergeConflictingFields(older, newer)).toEqual([
    { field: 'start', was: 1, is: 2, want: 3 },
    { field: 'end', was: 1, is: 4, want: 5 },
    { field: 'title', was: 'a', is: 'b', want: 'c' },
  ]);
});
