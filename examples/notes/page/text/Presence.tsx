import { useCallback, useSyncExternalStore } from 'react';
import { useSession } from '../session/SessionContext.ts';
import type { NoteBody } from '../weft.ts';
import { Avatar } from './Avatar.tsx';
import { presentNames } from './presentNames.ts';

const MAX_AVATARS = 5;
// Cannot be part of a name, and makes a list of names one comparable value.
const SEPARATOR = '\n';

/** The people who have the note open, oneself included. */
export function Presence({ awareness }: { awareness: NoteBody['awareness'] }) {
  const { name: me } = useSession();
  const subscribe = useCallback(
    (listener: () => void) => {
      awareness.on('change', listener);
      return () => awareness.off('change', listener);
    },
    [awareness],
  );
  const names = useSyncExternalStore(subscribe, () => presentNames(awareness).join(SEPARATOR));
  const people = names === '' ? [] : names.split(SEPARATOR);
  const hidden = people.length - MAX_AVATARS;
  return (
    <ul className="presence" aria-label="People here">
      {people.slice(0, MAX_AVATARS).map((name) => (
        <li key={name}>
          <Avatar name={name} label={name === me ? `${name} (you)` : name} />
        </li>
      ))}
      {hidden > 0 && <li className="presence-more">+{hidden}</li>}
    </ul>
  );
}
