import type { Peer } from '@weft/client/react';
import { type ReactNode, useState } from 'react';
import { Icon } from '../shell/Icon.tsx';
import { Presence } from '../text/Presence.tsx';
import type { ExistingView } from '../weft.ts';
import { DeleteDialog } from './DeleteDialog.tsx';
import { UndoButtons } from './UndoButtons.tsx';

interface Props {
  state: ExistingView;
  peers: readonly Peer[];
  /** What is to be decided. */
  children: ReactNode;
}

/** What can be done with a note as a whole, and who has it open. */
export function NoteBar({ state, peers, children }: Props) {
  const [isDeleting, setDeleting] = useState(false);
  return (
    <div className="note-bar">
      <a className="button quiet back" href="#/">
        <Icon name="back" />
        All notes
      </a>
      {children}
      <div className="note-bar-end">
        <Presence peers={peers} />
        <UndoButtons state={state} />
        <button type="button" className="button quiet danger" onClick={() => setDeleting(true)}>
          <Icon name="trash" />
          <span className="button-text">Delete note</span>
        </button>
      </div>
      {isDeleting && (
        <DeleteDialog handle={state.handle} title={state.fields.title} onClose={() => setDeleting(false)} />
      )}
    </div>
  );
}
