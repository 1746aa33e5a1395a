import { useLayoutEffect, useRef, useState } from 'react';
import { useSession } from '../session/SessionContext.ts';
import { toProblem } from '../toProblem.ts';
import { type FieldName, type NoteState, whenDecided } from '../weft.ts';
import { checkValues } from './checkValues.ts';
import { FIELD_DESCRIPTIONS } from './fieldDescriptions.ts';
import type { OpenNote } from './openNote.ts';

export interface FieldCommit {
  /** Why the last value was refused. */
  readonly error: string | undefined;
  clearError(): void;
  /**
   * Sends a new value, judged by the state that the person saw. Returns whether it was worth sending; `onRefused` is
   * called where the server refuses it after all.
   */
  commit(value: unknown, seen: NoteState, onRefused?: () => void): boolean;
}

/** Changes a field. What goes wrong is told at the field, or by a notice once that is no longer on the page. */
export function useFieldCommit({ handle, state }: OpenNote, field: FieldName): FieldCommit {
  const { notices } = useSession();
  const [error, setError] = useState<string>();
  const isMounted = useRef(false);
  useLayoutEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);

  function tell(problem: string) {
    const { label } = FIELD_DESCRIPTIONS[field];
    if (isMounted.current) setError(problem);
    else notices.add(`${label} of “${state.fields.title}” was not changed: ${problem}`);
  }

  function commit(value: unknown, seen: NoteState, onRefused?: () => void): boolean {
    const checked = checkValues({ [field]: value }, state.fields);
    if (!checked.ok) {
      tell(checked.message);
      return false;
    }
    setError(undefined);
    void whenDecided(handle.change(checked.patch, { seen })).then((outcome) => {
      if (outcome.outcome === 'rejected') {
        tell(toProblem(outcome, field));
        onRefused?.();
      }
      // A note that is on the page shows its conflicts itself.
      if (outcome.outcome === 'conflict' && !isMounted.current) {
        tell('somebody changed it meanwhile. Open the note to decide.');
      }
    });
    return true;
  }

  return { error, clearError: () => setError(undefined), commit };
}
