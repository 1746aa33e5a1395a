import { useSession } from '../session/SessionContext.ts';
import { usePeek } from '../useHandle.ts';

/** Says what a broken connection means, and what can be done about it. */
export function ConnectionBanner() {
  const { weft, list } = useSession();
  const connection = usePeek(weft.connection);
  const { status } = usePeek(list);
  if (connection.state === 'refused')
    return <Refused reason={connection.reason} detail={connection.detail} />;
  // An attempt after a failure is 'connecting' as well; the first one ever is nothing to tell.
  const isOffline =
    connection.state === 'offline' || (connection.state === 'connecting' && status === 'ready');
  if (!isOffline) return null;
  return (
    <div className="banner offline" role="status">
      <p>You are offline. Go on: your changes wait in this page and are sent later.</p>
      <button type="button" className="button" onClick={() => weft.connection.reconnect()}>
        Try now
      </button>
    </div>
  );
}

const REMEDIES: Readonly<Record<string, string>> = {
  unauthenticated:
    'The server does not accept your name. Change it at the top, or sign in anew and reload the page.',
  forbidden: 'You may not use these notes. Ask whoever runs the server for access.',
  'protocol-version': 'The server is newer than this page. Reload the page to go on.',
};

function Refused({ reason, detail }: { reason: string; detail: string }) {
  const { weft } = useSession();
  const isOutdated = reason === 'protocol-version';
  return (
    <div className="banner refused" role="alert">
      <p>
        <strong>The server refused the connection.</strong>{' '}
        {REMEDIES[reason] ?? `${detail || reason}. Nothing is saved until it is accepted.`}
      </p>
      <button
        type="button"
        className="button"
        onClick={() => (isOutdated ? location.reload() : weft.connection.reconnect())}
      >
        {isOutdated ? 'Reload' : 'Try again'}
      </button>
    </div>
  );
}
