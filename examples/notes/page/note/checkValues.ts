import { validateFields } from '@weft/client/protocol';
import { note } from '../../note.ts';
import type { NoteFields } from '../weft.ts';

export type CheckedValues = { ok: true; patch: Partial<NoteFields> } | { ok: false; message: string };

/** Values from controls, checked as the server will check them over the other fields. */
export function checkValues(values: Readonly<Record<string, unknown>>, others: NoteFields): CheckedValues {
  const validated = validateFields(note, values);
  const issue = validated.issues[0] ?? note.check({ ...others, ...validated.values })[0];
  if (issue) return { ok: false, message: issue.message };
  // The schemas of these very fields returned the values.
  return { ok: true, patch: validated.values };
}
