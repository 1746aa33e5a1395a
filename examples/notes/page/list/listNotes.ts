import type { KeptNote } from '../session/noteKeeper.ts';
import type { ListedNote, NoteFields } from '../weft.ts';

export interface NoteSummary {
  readonly id: string;
  readonly fields: NoteFields;
  /** Who changed it last, and when; absent while the server does not know the note yet. */
  readonly last: { name: string; at: string } | undefined;
  readonly conflicts: number;
}

/** The server's list as this person left it: with changes, creations and deletions that are still on their way. */
export function listNotes(listed: readonly ListedNote[], kept: readonly KeptNote[]): readonly NoteSummary[] {
  const keptById = new Map(kept.map(({ id, state }) => [id, state]));
  const listedIds = new Set(listed.map(({ id }) => id));
  const created = kept.flatMap(({ id, state }) =>
    state.status === 'existing' && !listedIds.has(id)
      ? [{ id, fields: state.fields, last: undefined, conflicts: state.conflicts.length }]
      : [],
  );
  const known = listed.flatMap(({ id, fields, by, at }) => {
    const state = keptById.get(id);
    if (state?.status === 'deleted') return [];
    const shown = state?.status === 'existing' ? state.fields : fields;
    return [{ id, fields: shown, last: { name: by.name, at }, conflicts: state?.conflicts.length ?? 0 }];
  });
  return [...created, ...known];
}
