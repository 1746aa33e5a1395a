import { useState } from 'react';
import { usePeek } from '../useHandle.ts';
import type { NoteBody } from '../weft.ts';
import { BodyEditor } from './BodyEditor.tsx';

interface Props {
  body: NoteBody;
  /** The server does not know the note yet, so that there is no text to wait for. */
  isNew: boolean;
}

export function Body({ body, isNew }: Props) {
  const state = usePeek(body);
  const [isLoaded, setLoaded] = useState(body.ytext.length > 0);
  // Once and for all: the editor stays while the connection comes and goes.
  if (!isLoaded && (state.status === 'synced' || isNew)) setLoaded(true);
  return (
    <section className="body">
      {state.status === 'closed' && (
        <p className="body-closed" role="alert">
          The server closed this text ({state.reason || state.code}). What you write here is not saved: copy
          what you need and reload the page.
        </p>
      )}
      {isLoaded ? <BodyEditor body={body} /> : <BodyWait isOffline={state.status === 'offline'} />}
    </section>
  );
}

function BodyWait({ isOffline }: { isOffline: boolean }) {
  return (
    <p className="body-loading">
      {isOffline ? 'The text is loaded when the connection is back.' : 'Loading the text…'}
    </p>
  );
}
