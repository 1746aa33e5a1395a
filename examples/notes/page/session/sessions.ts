import { createStore, type Peekable } from '../store.ts';
import { isUnfinished } from './noteKeeper.ts';
import { storeName } from './personName.ts';
import { createSession, type Session } from './session.ts';

export interface Sessions extends Peekable<Session> {
  isUnfinished(): boolean;
  /**
   * Goes on under another name, and keeps it for the next visit. Refused while something is unsaved, since that was
   * written under the old name and its client goes with it.
   */
  rename(name: string): boolean;
}

export function createSessions(name: string): Sessions {
  const store = createStore(createSession(name));
  const sessions: Sessions = {
    peek: () => store.peek(),
    subscribe: (listener) => store.subscribe(listener),
    isUnfinished: () =>
      store
        .peek()
        .notes.peek()
        .some(({ state }) => isUnfinished(state)),
    rename(next) {
      if (sessions.isUnfinished()) return false;
      const previous = store.peek();
      // A new client, and so new Yjs client ids: those of the old one belong to the old name.
      storeName(next);
      store.set(createSession(next));
      previous.close();
      return true;
    },
  };
  return sessions;
}
