import type { TextView } from '@weft/client/react';
import { useState } from 'react';
import type { note } from '../../note.ts';
import type { NoteBody } from '../weft.ts';
import { BodyEditor } from './BodyEditor.tsx';
import { ClosedText } from './ClosedText.tsx';
import { KeptText } from './KeptText.tsx';

interface Props {
  body: TextView<typeof note, 'body'>;
  /** The server does not know the note yet, so that there is no text to wait for. */
  isNew: boolean;
}

export function Body({ body: { text, state, reopen }, isNew }: Props) {
  const rescue = state.status === 'closed' ? undefined : state.rescue;
  return (
    <section className="body">
      {rescue && rescue.text !== '' && (
        <KeptText
          message="Your copy of what the server did not take. It stays on this device until you discard it:"
          text={rescue.text}
          action={{ label: 'Discard the copy', run: () => text?.dismissRescue() }}
        />
      )}
      {!text && <BodyWait isOffline={false} />}
      {text && state.status === 'closed' && <ClosedText closed={state} text={text} onReopen={reopen} />}
      {text && state.status !== 'closed' && (
        <OpenBody key={text.doc.guid} text={text} state={state} isNew={isNew} />
      )}
    </section>
  );
}

interface OpenProps {
  text: NoteBody;
  state: ReturnType<NoteBody['peek']>;
  isNew: boolean;
}

function OpenBody({ text, state, isNew }: OpenProps) {
  const isHere = text.ytext.length > 0 || state.status === 'synced' || state.epoch !== undefined || isNew;
  const [isLoaded, setLoaded] = useState(isHere);
  // Once and for all: the editor stays while the connection comes and goes.
  if (isHere && !isLoaded) setLoaded(true);
  return isLoaded ? <BodyEditor text={text} /> : <BodyWait isOffline={state.status === 'offline'} />;
}

function BodyWait({ isOffline }: { isOffline: boolean }) {
  return (
    <p className="body-loading">
      {isOffline ? 'The text is loaded when the connection is back.' : 'Loading the text…'}
    </p>
  );
}
