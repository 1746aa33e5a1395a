import { useSyncExternalStore } from 'react';
import { useNotices } from '../notices.ts';
import { hrefOfNote } from '../route.ts';
import { Icon } from './Icon.tsx';

export function NoticeList() {
  const notices = useNotices();
  const shown = useSyncExternalStore(notices.subscribe, notices.peek);
  return (
    <ul className="notices" role="log" aria-label="Notices">
      {shown.map(({ id, text, noteId }) => (
        <li key={id} className="notice">
          <p>
            {text} {noteId !== undefined && <a href={hrefOfNote(noteId)}>Open the note</a>}
          </p>
          <button
            type="button"
            className="button quiet"
            aria-label="Dismiss"
            onClick={() => notices.dismiss(id)}
          >
            <Icon name="cross" />
          </button>
        </li>
      ))}
    </ul>
  );
}
