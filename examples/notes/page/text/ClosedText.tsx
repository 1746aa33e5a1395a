import { CLOSE_CODES } from '@weft/client/protocol';
import type { ClosedBody } from '../weft.ts';
import { KeptText } from './KeptText.tsx';

interface Props {
  closed: ClosedBody;
  /** What is in the document. */
  text: string;
  onReopen(text: string): void;
}

/** In place of the editor, where the server takes no more of a text. */
export function ClosedText({ closed: { code, reason, rescue }, text, onReopen }: Props) {
  const own = rescue?.text ?? text;
  const cause =
    code === CLOSE_CODES['other-epoch']
      ? 'This text was replaced on the server.'
      : `The server takes no more of this text (${reason || code}).`;
  const label = rescue ? 'Open the new text' : 'Open the server’s text';
  return (
    <KeptText
      message={own === '' ? cause : `${cause} Your copy is kept here:`}
      text={own}
      action={{ label, run: () => onReopen(own) }}
    />
  );
}
