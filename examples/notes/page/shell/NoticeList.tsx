import { useSession } from '../session/SessionContext.ts';
import { usePeek } from '../useHandle.ts';
import { Icon } from './Icon.tsx';

export function NoticeList() {
  const { notices } = useSession();
  const shown = usePeek(notices);
  return (
    <ul className="notices" role="log" aria-label="Notices">
      {shown.map(({ id, text }) => (
        <li key={id} className="notice">
          <p>{text}</p>
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
