import type { TextState } from '@weft/client';
import { CLOSE_CODES } from '@weft/client/protocol';
import type { NoteBody } from '../weft.ts';
import { KeptText } from './KeptText.tsx';

interface Props {
  closed: Extract<TextState, { status: 'closed' }>;
  text: NoteBody;
  onReopen(): void;
}

/** In place of the editor, where the server takes no more of a text. */
export function ClosedText({ closed: { code, reason, rescue }, text, onReopen }: Props) {
  const own = rescue?.text ?? text.ytext.toString();
  const cause =
    code === CLOSE_CODES['other-epoch']
      ? 'This text was replaced on the server.'
      : `The server takes no more of this text (${reason || code}).`;
  return (
    <KeptText
      message={own === '' ? cause : `${cause} Your copy is kept here:`}
      text={own}
      action={{ label: rescue ? 'Open the new text' : 'Open the server’s text', run: onReopen }}
    />
  );
}
