import { useHandle, usePeek } from '../useHandle.ts';
import type { NoteHandle } from '../weft.ts';
import { Absence } from './Absence.tsx';
import { ExistingNote } from './ExistingNote.tsx';

/** The note of an id, whatever has become of it. */
export function NotePage({ id }: { id: string }) {
  const handle = useHandle(id);
  return handle && <NoteOfHandle handle={handle} />;
}

function NoteOfHandle({ handle }: { handle: NoteHandle }) {
  const state = usePeek(handle);
  switch (state.status) {
    case 'existing':
      return <ExistingNote note={{ handle, state }} />;
    case 'loading':
      return <p className="note-loading">Opening the note…</p>;
    case 'missing':
      return (
        <Absence title="There is no such note">
          The address may be mistyped, or the note was never saved.
        </Absence>
      );
    case 'deleted':
      return <Absence title="This note was deleted">Somebody deleted it, perhaps you.</Absence>;
  }
}
