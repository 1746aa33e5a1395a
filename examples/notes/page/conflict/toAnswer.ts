import { fromText } from '../note/fields.ts';
import type { NoteConflictField, NoteFields } from '../weft.ts';

/** What a person chose for one field; an edited value as its control's text. */
export type Choice = { kind: 'mine' } | { kind: 'theirs' } | { kind: 'edit'; text: string };
export type Choices = Readonly<Record<string, Choice>>;

/** The answer to a whole conflict: for all fields alike, or the value of each. */
export function toAnswer(fields: readonly NoteConflictField[], choices: Choices) {
  const [first, ...others] = new Set(fields.map(({ field }) => choices[field]?.kind ?? 'theirs'));
  if (others.length === 0 && (first === 'mine' || first === 'theirs')) return first;
  const values = fields.map(({ field, is, want }) => {
    const choice = choices[field];
    if (choice?.kind === 'edit') return [field, fromText(field, choice.text)];
    return [field, choice?.kind === 'mine' ? want : is];
  });
  return Object.fromEntries(values) as Partial<NoteFields>;
}
