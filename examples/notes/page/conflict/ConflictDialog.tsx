import { useState } from 'react';
import { useNotices } from '../notices.ts';
import { toFailure } from '../outcomes.ts';
import { Modal } from '../shell/Modal.tsx';
import type { NoteConflict, whenDecided } from '../weft.ts';
import { type Answer, ChangeConflict } from './ChangeConflict.tsx';
import { DeletionConflict } from './DeletionConflict.tsx';

interface Props {
  conflict: NoteConflict;
  /** Keeps showing the conflict, which is no longer open while an answer is on its way. */
  onHold(conflict: NoteConflict | undefined): void;
  onPostpone(): void;
}

/** Lets a person decide over what they wanted and somebody else did meanwhile. A refused answer is told, and can be mended. */
export function ConflictDialog({ conflict, onHold, onPostpone }: Props) {
  const notices = useNotices();
  const [error, setError] = useState<string>();
  const [isSending, setSending] = useState(false);

  async function answer(choice: Answer) {
    setSending(true);
    onHold(conflict);
    const result = await conflict.resolve(choice);
    setSending(false);
    onHold(undefined);
    if (result.outcome === 'rejected') setError(toFailure(result));
    if (result.outcome === 'queued') await tellWhenRefused(result.settled);
  }

  async function tellWhenRefused(settled: ReturnType<typeof whenDecided>) {
    const decision = await settled;
    if (decision.outcome === 'rejected') notices.add(`Your decision was refused: ${toFailure(decision)}`);
  }

  const isDeletion = conflict.fields.every(({ want }) => want === undefined);
  const Content = isDeletion ? DeletionConflict : ChangeConflict;
  return (
    <Modal title="Somebody changed this meanwhile" onClose={onPostpone}>
      <Content
        fields={conflict.fields}
        error={error}
        isSending={isSending}
        onAnswer={(choice) => void answer(choice)}
        onChange={() => setError(undefined)}
        onPostpone={onPostpone}
      />
    </Modal>
  );
}
