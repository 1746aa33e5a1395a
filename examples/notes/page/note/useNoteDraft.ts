import { useDraft } from '@weft/client/react';
import { useNotices } from '../notices.ts';
import { toFailure } from '../outcomes.ts';
import type { FieldName, NoteHandle } from '../weft.ts';
import { FIELDS } from './fields.ts';

/** What a person makes of a field; what goes wrong once the control is gone is told by a notice. */
export function useNoteDraft<Name extends FieldName>(handle: NoteHandle, field: Name) {
  const notices = useNotices();
  return useDraft(handle, field, {
    onRefused: (refusal) =>
      notices.add(`${FIELDS[field].label}: not changed, ${toFailure(refusal, field)}`, handle.id),
  });
}
