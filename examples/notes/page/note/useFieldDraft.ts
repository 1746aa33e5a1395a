import { useEffectEvent, useLayoutEffect, useState } from 'react';
import type { ExistingNoteState, FieldName } from '../weft.ts';
import { fromText, toText } from './fieldText.ts';
import type { OpenNote } from './openNote.ts';
import { useFieldCommit } from './useFieldCommit.ts';

type Draft = { text: string; seen: ExistingNoteState };

export interface FieldDraft {
  /** The draft while there is one, else the field's value. */
  readonly text: string;
  readonly isDraft: boolean;
  readonly error: string | undefined;
  edit(text: string): void;
  commit(): void;
  /** `edit` and `commit` in one. */
  enter(text: string): void;
  revert(): void;
}

/**
 * The text of a control over a field. From the first key on it is the person's draft, which nobody else's change
 * touches and which is judged by what was on display at that key; before, it follows the field.
 */
export function useFieldDraft(note: OpenNote, field: FieldName): FieldDraft {
  const [draft, setDraft] = useState<Draft>();
  const { error, clearError, commit: send } = useFieldCommit(note, field);

  function commitDraft(given: Draft | undefined) {
    if (!given) return;
    const value = fromText(field, given.text);
    if (toText(value) === toText(given.seen.fields[field])) return revert();
    const isSent = send(value, given.seen, () => setDraft((newer) => newer ?? given));
    setDraft(isSent ? undefined : given);
  }

  function revert() {
    setDraft(undefined);
    clearError();
  }

  const commitOnLeaving = useEffectEvent(() => commitDraft(draft));
  useLayoutEffect(() => () => commitOnLeaving(), []);

  return {
    text: draft ? draft.text : toText(note.state.fields[field]),
    isDraft: draft !== undefined,
    error,
    edit: (text) => setDraft({ text, seen: draft?.seen ?? note.state }),
    commit: () => commitDraft(draft),
    enter: (text) => commitDraft({ text, seen: draft?.seen ?? note.state }),
    revert,
  };
}
