import { Modal } from '../shell/Modal.tsx';
import type { NoteConflict, NoteFields } from '../weft.ts';
import { ChangeConflict } from './ChangeConflict.tsx';
import { DeletionConflict } from './DeletionConflict.tsx';
import type { OpenConflict } from './useOpenConflict.ts';
import { useResolution } from './useResolution.ts';

interface Props {
  conflict: NoteConflict;
  conflicts: OpenConflict;
  /** The note's other fields, which an edited value must fit. */
  others: NoteFields;
}

/** Lets a person decide over what they wanted and somebody else did meanwhile. */
export function ConflictDialog({ conflict, conflicts, others }: Props) {
  const resolution = useResolution({
    conflict,
    others,
    onSending: () => conflicts.hold(conflict),
    onSent: conflicts.release,
  });
  const isDeletion = conflict.fields.every(({ want }) => want === undefined);
  const Content = isDeletion ? DeletionConflict : ChangeConflict;
  return (
    <Modal title="Somebody changed this meanwhile" onClose={conflicts.postpone}>
      <Content fields={conflict.fields} resolution={resolution} onPostpone={conflicts.postpone} />
    </Modal>
  );
}
