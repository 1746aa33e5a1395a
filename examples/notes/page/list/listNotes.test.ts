import { describe, expect, it } from 'vitest';
import type { KeptNote } from '../session/noteKeeper.ts';
import type { ListedNote, NoteFields } from '../weft.ts';
import { listNotes } from './listNotes.ts';

function fieldsOf(title: string): NoteFields {
  return { title, status: 'open', priority: 2, assignee: null, start: null, end: null, tags: [] };
}

function listed(id: string): ListedNote {
  const by = { id: 'u', name: 'Wren' };
  return { id, fields: fieldsOf(id), token: 'token', by, at: '2026-01-02T03:04:05Z' } as ListedNote;
}

function existing(id: string, title: string): KeptNote {
  const fields = fieldsOf(title);
  const state = {
    confirmed: fields,
    pending: [],
    token: undefined,
    conflicts: [],
    saveState: 'saving',
  } as const;
  return { id, state: { status: 'existing', fields, ...state } };
}

function deleted(id: string): KeptNote {
  return { id, state: { status: 'deleted', conflicts: [], saveState: 'saving' } };
}

function titles(notes: ReturnType<typeof listNotes>) {
  return notes.map(({ fields }) => fields.title);
}

describe('listNotes', () => {
  it('keeps the order of the list', () => {
    expect(titles(listNotes([listed('b'), listed('a')], []))).toEqual(['b', 'a']);
  });

  it('shows values that are still on their way', () => {
    const notes = listNotes([listed('a')], [existing('a', 'mine')]);
    expect(notes).toMatchObject([{ id: 'a', fields: { title: 'mine' }, last: { name: 'Wren' } }]);
  });

  it('puts a note that the server does not know yet before all others', () => {
    const notes = listNotes([listed('a')], [existing('new', 'new')]);
    expect(titles(notes)).toEqual(['new', 'a']);
    expect(notes[0]?.last).toBeUndefined();
  });

  it('leaves out a note whose deletion is still on its way', () => {
    expect(titles(listNotes([listed('a'), listed('b')], [deleted('a')]))).toEqual(['b']);
  });
});
