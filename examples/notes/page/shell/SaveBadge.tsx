import type { ConnectionState, SaveState } from '@weft/client';
import { useConnection, useSaveState } from '@weft/client/react';

/** Whether everything of this person is saved, in all notes. */
export function SaveBadge() {
  const state = useSaveState();
  const { state: connection } = useConnection();
  const isWaiting = 'pending' in state && state.pending > 0;
  const isConnecting = connection === 'connecting' && !isWaiting && state.status !== 'blocked';
  const { text, hint } = isConnecting ? CONNECTING : describe(state, connection);
  return (
    <span
      className="badge"
      role="status"
      data-testid="save-state"
      data-state={isConnecting ? 'connecting' : state.status}
      title={hint}
    >
      {text}
    </span>
  );
}

const CONNECTING = { text: 'Connecting', hint: 'Waiting for the server' };

function describe(state: SaveState, connection: ConnectionState['state']): { text: string; hint: string } {
  switch (state.status) {
    case 'saved':
      return { text: 'Saved', hint: 'Everything is stored on the server' };
    case 'saving':
      return { text: 'Saving…', hint: 'Something is on its way to the server' };
    case 'offline':
      return {
        text: state.pending > 0 ? `Offline · ${state.pending} waiting` : 'Offline',
        hint: 'Your changes are sent when the connection is back',
      };
    case 'blocked': {
      const isConflict = state.reasons.includes('conflict');
      const text = isConflict ? 'Needs your decision' : 'Not accepted';
      return {
        text: isCutOff(connection) ? `Offline · ${text.toLowerCase()}` : text,
        hint: isConflict
          ? 'Somebody changed what you changed: look into the note'
          : 'The server did not take something of yours: look into the note',
      };
    }
  }
}

/** An attempt to connect may fail as the one before: what is shown does not change back and forth meanwhile. */
function isCutOff(connection: ConnectionState['state']): boolean {
  return connection === 'offline' || connection === 'connecting';
}
