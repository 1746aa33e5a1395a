import type { FieldValues } from '../../protocol/outcome.ts';
import type { FieldsAction } from './history.ts';

/** What to ask for, and what its author counts as having seen. */
export type UndoPatch = { readonly patch: Readonly<FieldValues>; readonly seen: Readonly<FieldValues> };

/**
 * Takes a change of fields back, on what is on display. It is judged by the values that it takes back, and not by what
 * others have put in their place: that is a conflict, of what this person had (`was`), what there is, and what there was
 * before (`want`).
 */
export function toUndoPatch({ before, after }: FieldsAction, displayed: Readonly<FieldValues>): UndoPatch {
  return { patch: before, seen: { ...displayed, ...after } };
}

/** Does a change of fields again; the same the other way round. */
export function toRedoPatch({ before, after }: FieldsAction, displayed: Readonly<FieldValues>): UndoPatch {
  return { patch: after, seen: { ...displayed, ...before } };
}
