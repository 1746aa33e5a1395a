import type { Route } from '../route.ts';
import { useSession } from '../session/SessionContext.ts';
import { Mark } from '../shell/Mark.tsx';
import { usePeek } from '../useHandle.ts';
import { Absence } from './Absence.tsx';
import { NotePage } from './NotePage.tsx';

/** The side of the page that shows one note, or what to do where none is chosen. */
export function NotePane({ route }: { route: Route }) {
  const session = useSession();
  return (
    <main className="note-pane">
      {route.screen === 'note' && <NotePage key={`${session.name}/${route.id}`} id={route.id} />}
      {route.screen === 'unknown' && (
        <Absence title="There is no such page">The address does not lead to a note.</Absence>
      )}
      {route.screen === 'list' && <NothingChosen />}
    </main>
  );
}

function NothingChosen() {
  const { list } = useSession();
  const { status, items } = usePeek(list);
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
