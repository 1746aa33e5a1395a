import { createContext, use } from 'react';

type Notice = { readonly id: number; readonly text: string; readonly noteId: string | undefined };

const MAX_NOTICES = 4;

/** What a person has to be told and no control is there to show any more. */
export function createNotices() {
  const listeners = new Set<() => void>();
  let notices: readonly Notice[] = [];
  let lastId = 0;
  function show(next: readonly Notice[]) {
    notices = next.slice(-MAX_NOTICES);
    for (const listener of [...listeners]) listener();
  }
  return {
    peek: () => notices,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (text: string, noteId?: string) => show([...notices, { id: ++lastId, text, noteId }]),
    dismiss: (id: number) => show(notices.filter((notice) => notice.id !== id)),
  };
}

export const NoticesContext = createContext<ReturnType<typeof createNotices> | undefined>(undefined);

export function useNotices() {
  const notices = use(NoticesContext);
  if (!notices) throw new Error('there is no NoticesContext above this component');
  return notices;
}
