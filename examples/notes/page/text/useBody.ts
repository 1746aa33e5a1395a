import { useEffect } from 'react';
import { useSession } from '../session/SessionContext.ts';
import type { NoteBody, NoteHandle } from '../weft.ts';
import { colorOfPerson } from './colorOfPerson.ts';

/** The note's text, with this person shown as present while the component is mounted. */
export function useBody(handle: NoteHandle): NoteBody {
  const { name } = useSession();
  // The same text each time, and the handle closes it.
  const body = handle.text('body');
  const { awareness } = body;
  useEffect(() => {
    // A handle that is kept for what is unsaved outlives its page, and the person's presence must not.
    if (awareness.getLocalState() === null) {
      awareness.setLocalState({ user: { name, color: colorOfPerson(name) } });
    }
    return () => awareness.setLocalState(null);
  }, [awareness, name]);
  return body;
}
