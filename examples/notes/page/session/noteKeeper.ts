import { createStore, type Peekable } from '../store.ts';
import type { NoteState } from '../weft.ts';

export interface KeptNote {
  readonly id: string;
  readonly state: NoteState;
}

/**
 * Keeps the handle of a note open for as long as a page shows it or it has something unsaved or undecided: whoever
 * leaves a note right after an edit, or while offline, must not lose what is still on its way.
 */
export interface NoteKeeper<Handle> extends Peekable<readonly KeptNote[]> {
  /** Opens a note, or holds one that is open, until `release`, which is called once. */
  hold(id: string): { handle: Handle; release: () => void };
  /** The handle of a note that is open. */
  find(id: string): Handle | undefined;
}

interface Keepable extends Peekable<NoteState> {
  close(): void;
}

type Entry<Handle> = { handle: Handle; holds: number; stop: () => void };

export function createNoteKeeper<Handle extends Keepable>(
  openHandle: (id: string) => Handle,
): NoteKeeper<Handle> {
  const entries = new Map<string, Entry<Handle>>();
  const store = createStore<readonly KeptNote[]>([]);

  function publish() {
    store.set([...entries].map(([id, { handle }]) => ({ id, state: handle.peek() })));
  }

  function open(id: string): Entry<Handle> {
    const handle = openHandle(id);
    const stop = handle.subscribe(() => {
      publish();
      sweep(id);
    });
    const entry = { handle, holds: 0, stop };
    entries.set(id, entry);
    publish();
    return entry;
  }

  function sweep(id: string) {
    const entry = entries.get(id);
    if (!entry || entry.holds > 0 || isUnfinished(entry.handle.peek())) return;
    entries.delete(id);
    entry.stop();
    entry.handle.close();
    publish();
  }

  return {
    peek: () => store.peek(),
    subscribe: (listener) => store.subscribe(listener),
    hold(id) {
      const entry = entries.get(id) ?? open(id);
      entry.holds += 1;
      return {
        handle: entry.handle,
        release() {
          entry.holds -= 1;
          // Not at once: controls that unmount together with the page still commit their drafts.
          queueMicrotask(() => sweep(id));
        },
      };
    },
    find: (id) => entries.get(id)?.handle,
  };
}

/**
 * Whether something may be unsaved or undecided. Offline nothing counts as saved but what was never there to edit; what
 * a deleted note's text did not take is over with the note.
 */
export function isUnfinished({ status, saveState, conflicts }: NoteState): boolean {
  const isUntouched = status === 'loading' || status === 'missing';
  const isOver = isUntouched || (status === 'deleted' && saveState === 'refused');
  return conflicts.length > 0 || (saveState !== 'saved' && !isOver);
}
