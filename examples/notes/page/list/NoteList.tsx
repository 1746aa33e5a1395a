import { useSession } from '../session/SessionContext.ts';
import { usePeek } from '../useHandle.ts';
import { listNotes } from './listNotes.ts';
import { NewNoteForm } from './NewNoteForm.tsx';
import { NoteListItem } from './NoteListItem.tsx';

/** All notes, newest change first. */
export function NoteList({ openId }: { openId: string | undefined }) {
  const { list, notes } = useSession();
  const { status, items } = usePeek(list);
  const summaries = listNotes(items, usePeek(notes));
  return (
    <nav className="list-pane" aria-label="Notes">
      <NewNoteForm />
      {status === 'loading' && summaries.length === 0 && <p className="list-hint">Loading the notes…</p>}
      {status === 'ready' && summaries.length === 0 && (
        <div className="list-hint">
          <h2>No notes yet</h2>
          <p>
            Write a title above and press <kbd>Enter</kbd>. Everybody who opens this page sees the note and
            can write in it with you.
          </p>
        </div>
      )}
      <ul className="list">
        {summaries.map((summary) => (
          <NoteListItem key={summary.id} summary={summary} isOpen={summary.id === openId} />
        ))}
      </ul>
    </nav>
  );
}
