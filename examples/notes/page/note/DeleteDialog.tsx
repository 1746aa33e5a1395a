import { useState } from 'react';
import { useNotices } from '../notices.ts';
import { toFailure } from '../outcomes.ts';
import { Modal } from '../shell/Modal.tsx';
import { type NoteHandle, whenDecided } from '../weft.ts';

interface Props {
  handle: NoteHandle;
  title: string;
  onClose(): void;
}

/** Asks before it deletes; what goes wrong is told by a notice, since the note's page is left at once. */
export function DeleteDialog({ handle, title, onClose }: Props) {
  const notices = useNotices();
  // What the person saw when asking for the deletion: a change after that is worth a second thought.
  const [seen] = useState(() => handle.peek());

  async function deleteNote() {
    const decision = whenDecided(handle.delete({ seen }));
    // Going back must not lead to it again.
    location.replace('#/');
    const failure = toFailure(await decision);
    if (failure !== undefined) notices.add(`“${title}” was not deleted: ${failure}`, handle.id);
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
