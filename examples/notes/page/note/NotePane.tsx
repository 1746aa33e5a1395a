import { useList } from '@weft/client/react';
import { note } from '../../note.ts';
import type { Route } from '../route.ts';
import { Mark } from '../shell/Mark.tsx';
import { Absence } from './Absence.tsx';
import { NotePage } from './NotePage.tsx';

/** The side of the page that shows one note, or what to do where none is chosen. */
export function NotePane({ route }: { route: Route }) {
  return (
    <main className="note-pane">
      {route.screen === 'note' && <NotePage key={route.id} id={route.id} />}
      {route.screen === 'unknown' && (
        <Absence title="There is no such page">The address does not lead to a note.</Absence>
      )}
      {route.screen === 'list' && <NothingChosen />}
    </main>
  );
}

function NothingChosen() {
  const { status, items } = useList(note);
  if (status === 'loading') return null;
  return (
    <div className="absence">
      <Mark />
      <p>
        {items.length === 0
          ? 'The first note begins with a title, on the left.'
          : 'Choose a note on the left, or begin a new one.'}
      </p>
    </div>
  );
}
