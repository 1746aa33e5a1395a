import { useState } from 'react';
import { goToNote } from '../route.ts';
import { useSession } from '../session/SessionContext.ts';
import { toProblem } from '../toProblem.ts';
import { createNoteId } from './createNoteId.ts';

/** The title of the note to be, and its creation: a title that is refused is there to be mended. */
export function useCreateNote() {
  const { notes, notices } = useSession();
  const [title, setTitle] = useState('');
  const [error, setError] = useState<string>();

  async function create() {
    const id = createNoteId();
    setTitle('');
    setError(undefined);
    const { handle, release } = notes.hold(id);
    const result = await handle.create({ title: title.trim() });
    release();
    if (result.outcome === 'rejected') {
      setTitle((newer) => newer || title);
      setError(toProblem(result));
      return;
    }
    goToNote(id);
    if (result.outcome !== 'queued') return;
    const settled = await result.settled;
    if (settled.outcome === 'rejected') notices.add(`“${title}” was not created: ${toProblem(settled)}`);
  }

  return {
    title,
    error,
    create,
    setTitle(text: string) {
      setTitle(text);
      setError(undefined);
    },
  };
}
