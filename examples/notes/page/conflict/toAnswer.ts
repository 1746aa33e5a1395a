import { fromText } from '../note/fieldText.ts';
import type { NoteConflictField } from '../weft.ts';

/** What a person chose for one field; an edited value as its control's text. */
export type Choice = { kind: 'mine' } | { kind: 'theirs' } | { kind: 'edit'; text: string };

export type Choices = Readonly<Record<string, Choice>>;

/** The answer to a whole conflict: for all fields alike, or the value of each. */
export type Answer = 'mine' | 'theirs' | Record<string, unknown>;

export function toAnswer(fields: readonly NoteConflictField[], choices: Choices): Answer {
  const kinds = new Set(fields.map(({ field }) => choices[field]?.kind));
  const [only] = kinds;
  if (kinds.size === 1 && (only === 'mine' || only === 'theirs')) return only;
  return Object.fromEntries(fields.map((field) => [field.field, toValue(field, choices[field.field])]));
}

function toValue(field: NoteConflictField, choice: Choice | undefined): unknown {
  if (choice?.kind === 'edit') return fromText(field.field, choice.text);
  return choice?.kind === 'mine' ? field.want : field.is;
}
