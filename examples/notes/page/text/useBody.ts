import { useEffect, useState } from 'react';
import { useSession } from '../session/SessionContext.ts';
import type { NoteBody, NoteHandle } from '../weft.ts';
import { colorOfPerson } from './colorOfPerson.ts';

export interface OpenBody {
  readonly body: NoteBody;
  /** What one had of the text before this one, which the server closed; undefined where there was none. */
  readonly kept: string | undefined;
  /** Goes on with what the server has, and keeps what was here. */
  reopen(kept: string): void;
  discardKept(): void;
}

/** The note's text, with this person shown as present while the component is mounted. */
export function useBody(handle: NoteHandle): OpenBody {
  const { name } = useSession();
  const [kept, setKept] = useState<{ readonly text: string }>();
  // The same text until it is closed, and the handle closes it.
  const body = handle.text('body');
  const { awareness } = body;
  useEffect(() => {
    // A handle that is kept for what is unsaved outlives its page, and the person's presence must not.
    if (awareness.getLocalState() === null) {
      awareness.setLocalState({ user: { name, color: colorOfPerson(name) } });
    }
    return () => awareness.setLocalState(null);
  }, [awareness, name]);
  return {
    body,
    kept: kept?.text,
    reopen: (text) => {
      body.close();
      setKept({ text });
    },
    discardKept: () => setKept(undefined),
  };
}
