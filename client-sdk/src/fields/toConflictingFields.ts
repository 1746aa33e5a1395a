import type { FieldConflict } from '../../protocol/fieldConflict.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { ConflictingField } from './conflictingField.ts';
import type { ConfirmedState } from './confirmedState.ts';

const UNKNOWN = { was: undefined, by: undefined, at: undefined };

/**
 * The fields of a conflict, as the server told them. Where it no longer knows what the writer saw it tells none: then
 * everything that was asked is in conflict with what is stored.
 */
export function toConflictingFields(
  conflicts: readonly FieldConflict[],
  { values, confirmed }: { readonly values: Readonly<FieldValues>; readonly confirmed: ConfirmedState },
): readonly ConflictingField<FieldValues>[] {
  if (conflicts.length > 0) {
    return conflicts.map(({ field, was, is, want, by, at }) => ({ field, was, is, want, by, at }));
  }
  const stored = confirmed.status === 'existing' ? confirmed.fields : {};
  return Object.entries(values).map(([field, want]) => ({ field, is: stored[field], want, ...UNKNOWN }));
}
