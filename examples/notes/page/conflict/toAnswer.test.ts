import { describe, expect, it } from 'vitest';
import type { NoteConflictField } from '../weft.ts';
import { toAnswer } from './toAnswer.ts';

const by = { id: 'u', name: 'Wren' };
const start: NoteConflictField = {
  field: 'start',
  was: null,
  is: '2026-01-01',
  want: '2026-02-02',
  by,
  at: '',
};
const end: NoteConflictField = { field: 'end', was: null, is: '2026-03-03', want: null, by, at: '' };

describe('toAnswer', () => {
  it('answers alike for all fields where the choices are alike', () => {
    expect(toAnswer([start, end], { start: { kind: 'mine' }, end: { kind: 'mine' } })).toBe('mine');
    expect(toAnswer([start], { start: { kind: 'theirs' } })).toBe('theirs');
  });

  it('answers with the value of every field where they differ', () => {
    const choices = { start: { kind: 'mine' }, end: { kind: 'theirs' } } as const;
    expect(toAnswer([start, end], choices)).toEqual({ start: '2026-02-02', end: '2026-03-03' });
  });

  it('takes an edited value from its text', () => {
    const choices = { start: { kind: 'edit', text: '' }, end: { kind: 'edit', text: '2026-04-04' } } as const;
    expect(toAnswer([start, end], choices)).toEqual({ start: null, end: '2026-04-04' });
  });
});
