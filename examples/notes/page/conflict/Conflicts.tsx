import { useConflicts } from '@weft/client/react';
import { useState } from 'react';
import type { NoteConflict, NoteHandle } from '../weft.ts';
import { ConflictDialog } from './ConflictDialog.tsx';

/** Says how much is to be decided, and asks for the first that the person has not put off. */
export function Conflicts({ handle }: { handle: NoteHandle }) {
  const conflicts = useConflicts(handle);
  // By identity, since one that has grown is another object, and to be shown again.
  const [postponed, setPostponed] = useState<readonly NoteConflict[]>([]);
  // One whose answer is on its way is no longer open for that time, and shown all the same.
  const [held, setHeld] = useState<NoteConflict>();
  const open = held ?? conflicts.find((conflict) => !postponed.includes(conflict));
  const count = conflicts.length;
  return (
    <>
      {count > 0 && (
        <button type="button" className="button warning" onClick={() => setPostponed([])}>
          {count === 1 ? '1 conflict' : `${count} conflicts`}
        </button>
      )}
      {open && (
        <ConflictDialog
          key={open.id}
          conflict={open}
          onHold={setHeld}
          onPostpone={() => setPostponed(conflicts)}
        />
      )}
    </>
  );
}
