import { useSaveState } from './useSaveState.ts';

const TEXTS = {
  connecting: { text: 'Connecting', hint: 'Waiting for the server' },
  saved: { text: 'Saved', hint: 'Everything is stored on the server' },
  saving: { text: 'Saving', hint: 'Something is on its way to the server' },
  refused: { text: 'Not saved', hint: 'The server did not take a text of yours: look into its note' },
  offline: { text: 'Offline', hint: 'Your changes are kept in this page until the connection is back' },
} as const;

export function SaveBadge() {
  const state = useSaveState();
  const { text, hint } = TEXTS[state];
  return (
    <span
      className="badge"
      role="status"
      aria-live="polite"
      data-testid="save-state"
      data-state={state}
      title={hint}
    >
      {text}
    </span>
  );
}
