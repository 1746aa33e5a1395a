import { useState } from 'react';
import { replaceByList } from '../route.ts';
import { useSession } from '../session/SessionContext.ts';
import { Modal } from '../shell/Modal.tsx';
import { toProblem } from '../toProblem.ts';
import { whenDecided } from '../weft.ts';
import type { OpenNote } from './openNote.ts';

/** Asks before it deletes; what goes wrong is told by a notice, since the note's page is left at once. */
export function DeleteDialog({ note, onClose }: { note: OpenNote; onClose(): void }) {
  const { notices } = useSession();
  // What the person saw when asking for the deletion: a change after that is worth a second thought.
  const [seen] = useState(note.state);
  const { title } = seen.fields;

  async function deleteNote() {
    replaceByList();
    const outcome = await whenDecided(note.handle.delete({ seen }));
    const tell = (problem: string) => notices.add(`“${title}” was not deleted: ${problem}`);
    if (outcome.outcome === 'rejected') tell(toProblem(outcome));
    if (outcome.outcome === 'conflict') tell('somebody changed it meanwhile. Open it to decide.');
  }

  return (
    <Modal title="Delete this note?" onClose={onClose}>
      <p>“{title}” and its text are deleted for everybody. This cannot be undone.</p>
      <div className="modal-actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button danger solid" onClick={() => void deleteNote()}>
          Delete
        </button>
      </div>
    </Modal>
  );
}
