import type { ConnectionState } from '../connection/connectionState.ts';
import type { SaveState } from '../saveState.ts';
import type { StorageCondition } from '../storage/clientStorage.ts';
import type { Peekable } from './peekable.ts';

/** What `guardUnload` looks at of a client. */
export type Guarded = {
  readonly saveState: Peekable<SaveState>;
  readonly storage: Peekable<StorageCondition>;
  readonly connection: Peekable<ConnectionState>;
};

type Page = Partial<Pick<Window, 'addEventListener' | 'removeEventListener'>>;

/**
 * Lets the browser ask before the page is left, while that would lose something: while things are kept in memory, and there
 * is something that is not saved, such as a command on its way, a conflict that nobody has decided, or refused edits. What
 * is kept on the device is all there again when the page is, refused edits included, so that nothing is asked then.
 *
 * The page listens for `beforeunload` only meanwhile: browsers keep no page that does for the way back. Without a `window`
 * nothing happens. Ends with the client. Returns what ends it before; idempotent.
 */
export function guardUnload({ saveState, storage, connection }: Guarded): () => void {
  const page: Page = typeof window === 'undefined' ? {} : window;
  // The same function twice is one listener; the next guard has one of its own.
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  const update = () => {
    const isClosed = connection.peek().state === 'closed';
    if (!isClosed && losesSomething(saveState.peek(), storage.peek())) {
      page.addEventListener?.('beforeunload', ask);
    } else {
      page.removeEventListener?.('beforeunload', ask);
    }
  };
  const ends = [saveState, storage, connection].map((source) => source.subscribe(update));
  update();
  return () => {
    for (const end of ends) end();
    page.removeEventListener?.('beforeunload', ask);
  };
}

function losesSomething(state: SaveState, { kind }: StorageCondition): boolean {
  if (kind === 'durable' || state.status === 'saved') return false;
  const reasons = state.status === 'blocked' ? state.reasons : [];
  return state.pending > 0 || reasons.some((reason) => reason !== 'connection-refused');
}
