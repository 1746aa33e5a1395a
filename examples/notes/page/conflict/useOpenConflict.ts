import { useState } from 'react';
import type { NoteConflict } from '../weft.ts';

export interface OpenConflict {
  readonly count: number;
  /** The one that the dialog is to show. */
  readonly open: NoteConflict | undefined;
  postpone(): void;
  reopen(): void;
  /** Keeps showing a conflict whose answer is on its way, and which is no longer open for that time. */
  hold(conflict: NoteConflict): void;
  release(): void;
}

/** Which of a note's conflicts is to be decided now: the first that the person has not put off. */
export function useOpenConflict(conflicts: readonly NoteConflict[]): OpenConflict {
  // By identity, since one that has grown is another object, and to be shown again.
  const [postponed, setPostponed] = useState<readonly NoteConflict[]>([]);
  const [held, setHeld] = useState<NoteConflict>();
  return {
    count: conflicts.length,
    open: held ?? conflicts.find((conflict) => !postponed.includes(conflict)),
    postpone: () => setPostponed(conflicts),
    reopen: () => setPostponed([]),
    hold: setHeld,
    release: () => setHeld(undefined),
  };
}
