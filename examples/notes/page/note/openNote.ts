import type { ExistingNoteState, NoteHandle } from '../weft.ts';

/** The note that a page shows: what its controls read and write. */
export interface OpenNote {
  readonly handle: NoteHandle;
  readonly state: ExistingNoteState;
}
