import { createStore, type Peekable } from '../store.ts';

export interface Notice {
  readonly id: number;
  readonly text: string;
}

/** What a person has to be told and no control is there to show any more. */
export interface Notices extends Peekable<readonly Notice[]> {
  add(text: string): void;
  dismiss(id: number): void;
}

const MAX_NOTICES = 4;

export function createNotices(): Notices {
  const store = createStore<readonly Notice[]>([]);
  let lastId = 0;
  return {
    peek: () => store.peek(),
    subscribe: (listener) => store.subscribe(listener),
    add(text) {
      lastId += 1;
      store.set([...store.peek(), { id: lastId, text }].slice(-MAX_NOTICES));
    },
    dismiss: (id) => store.set(store.peek().filter((notice) => notice.id !== id)),
  };
}
