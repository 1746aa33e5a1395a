import { useState } from 'react';
import { usePeek } from '../useHandle.ts';
import type { NoteBody } from '../weft.ts';
import { BodyEditor } from './BodyEditor.tsx';
import { ClosedText } from './ClosedText.tsx';
import { KeptText } from './KeptText.tsx';
import type { OpenBody } from './useBody.ts';

interface Props {
  text: OpenBody;
  /** The server does not know the note yet, so that there is no text to wait for. */
  isNew: boolean;
}

export function Body({ text: { body, kept, reopen, discardKept }, isNew }: Props) {
  return (
    <section className="body">
      {kept !== undefined && kept !== '' && (
        <KeptText
          message="Your copy of the text that was here before. It stays until you leave this note:"
          text={kept}
          action={{ label: 'Discard the copy', run: discardKept }}
        />
      )}
      <CurrentBody key={body.doc.guid} body={body} isNew={isNew} onReopen={reopen} />
    </section>
  );
}

interface CurrentProps {
  body: NoteBody;
  isNew: boolean;
  onReopen(text: string): void;
}

function CurrentBody({ body, isNew, onReopen }: CurrentProps) {
  const state = usePeek(body);
  const [isLoaded, setLoaded] = useState(body.ytext.length > 0);
  // Once and for all: the editor stays while the connection comes and goes.
  if (!isLoaded && (state.status === 'synced' || isNew)) setLoaded(true);
  if (state.status === 'closed') {
    return <ClosedText closed={state} text={body.ytext.toString()} onReopen={onReopen} />;
  }
  return isLoaded ? <BodyEditor body={body} /> : <BodyWait isOffline={state.status === 'offline'} />;
}

function BodyWait({ isOffline }: { isOffline: boolean }) {
  return (
    <p className="body-loading">
      {isOffline ? 'The text is loaded when the connection is back.' : 'Loading the text…'}
    </p>
  );
}
