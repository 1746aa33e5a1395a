import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import { isPlainObject } from '../../protocol/plainObject.ts';
import type { ConflictingField } from '../fields/conflictingField.ts';

/** An answer to a conflict: what was asked for, what is stored, or other values. */
export type Choice<Definition extends AggregateDefinition> =
  'mine' | 'theirs' | Readonly<Partial<FieldsOf<Definition>>>;

/** Chooses by what is in conflict. Synchronous. */
export type Choose<Definition extends AggregateDefinition> = (
  fields: readonly ConflictingField<FieldsOf<Definition>>[],
) => Choice<Definition>;

/**
 * What a function chooses. What it throws is thrown.
 *
 * @throws TypeError where that is no answer, such as a promise: it must not pass for one.
 */
export function resolveByFunction<Definition extends AggregateDefinition>(
  choose: Choose<Definition>,
  fields: readonly ConflictingField<FieldsOf<Definition>>[],
): Choice<Definition> {
  const choice = choose(fields);
  const isValues = isPlainObject(choice) && typeof choice.then !== 'function';
  if (!isValues && choice !== 'mine' && choice !== 'theirs')
    throw new TypeError(`a conflict is answered by 'mine', 'theirs' or values`);
  return choice;
}
