import { useConnection, useStorage, useWeft } from '@weft/client/react';
import { useState } from 'react';

/** Says what a broken connection means, and what can be done about it. */
export function ConnectionBanner() {
  const { connection } = useWeft();
  const now = useConnection();
  const { kind } = useStorage();
  // An attempt after a failure is 'connecting' as well; the first one ever is nothing to tell.
  const [isOffline, setOffline] = useState(false);
  if (now.state === 'offline' && !isOffline) setOffline(true);
  if (now.state === 'online' && isOffline) setOffline(false);
  if (now.state === 'refused') return <Refused reason={now.reason} detail={now.detail} />;
  if (!isOffline) return null;
  return (
    <div className="banner offline" role="status">
      <p>
        You are offline. Go on: your changes wait {kind === 'durable' ? 'on this device' : 'in this page'} and
        are sent later.
      </p>
      <button type="button" className="button" onClick={() => connection.reconnect()}>
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
  const { connection } = useWeft();
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
        onClick={() => (isOutdated ? location.reload() : connection.reconnect())}
      >
        {isOutdated ? 'Reload' : 'Try again'}
      </button>
    </div>
  );
}
