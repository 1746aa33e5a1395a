import { useList } from '@weft/client/react';
import { note } from '../../note.ts';
import { StorageHint } from '../shell/StorageHint.tsx';
import { NewNoteForm } from './NewNoteForm.tsx';
import { NoteListItem } from './NoteListItem.tsx';

/** All notes, newest change first, as this person left them: also what is still on its way. */
export function NoteList({ openId }: { openId: string | undefined }) {
  const { status, items } = useList(note);
  return (
    <nav className="list-pane" aria-label="Notes">
      <NewNoteForm />
      {status === 'loading' && items.length === 0 && <p className="list-hint">Loading the notes…</p>}
      {status === 'ready' && items.length === 0 && (
        <div className="list-hint">
          <h2>No notes yet</h2>
          <p>
            Write a title above and press <kbd>Enter</kbd>. Everybody who opens this page sees the note and
            can write in it with you.
          </p>
        </div>
      )}
      <ul className="list">
        {items.map((item) => (
          <NoteListItem key={item.id} item={item} isOpen={item.id === openId} />
        ))}
      </ul>
      <StorageHint />
    </nav>
  );
}
