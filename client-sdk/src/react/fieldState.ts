import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import type { AggregateHandle } from '../fields/aggregateHandle.ts';
import type { OpenConflict } from '../fields/changeResult.ts';
import type { HandleState } from '../fields/handleState.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import { derive } from './derive.ts';

export type NameOf<Definition extends AggregateDefinition> = keyof FieldsOf<Definition> & string;

export type FieldState<Definition extends AggregateDefinition, Name extends NameOf<Definition>> = {
  /** The value on display; undefined while the aggregate is not `existing`. */
  readonly value: FieldsOf<Definition>[Name] | undefined;
  /** The server has not confirmed the value yet. */
  readonly isPending: boolean;
  /** The open conflict that the field is in. */
  readonly conflict: OpenConflict<Definition> | undefined;
};

export const NO_FIELD = { value: undefined, isPending: false, conflict: undefined };

/** What there is to say of one field; another object only when that has changed. */
export function readField<Definition extends AggregateDefinition, Name extends NameOf<Definition>>(
  handle: AggregateHandle<Definition>,
  name: Name,
): Peekable<FieldState<Definition, Name>> {
  return derive<HandleState<Definition>, FieldState<Definition, Name>>(handle, {
    read: (state) => toFieldState(state, name),
    isSame: isSameField,
  });
}

/** One field alone, as what `change` takes. */
export function toPatch<Definition extends AggregateDefinition, Name extends NameOf<Definition>>(
  name: Name,
  value: FieldsOf<Definition>[Name],
): Partial<FieldsOf<Definition>> {
  const patch: Partial<FieldsOf<Definition>> = {};
  patch[name] = value;
  return patch;
}

function toFieldState<Definition extends AggregateDefinition, Name extends NameOf<Definition>>(
  state: HandleState<Definition>,
  name: Name,
): FieldState<Definition, Name> {
  const conflict = state.conflicts.find(({ fields }) => fields.some(({ field }) => field === name));
  if (state.status !== 'existing') return { ...NO_FIELD, conflict };
  return { value: state.fields[name], isPending: state.pending.includes(name), conflict };
}

type Comparable = { readonly value: unknown; readonly isPending: boolean; readonly conflict: unknown };

export function isSameField(before: Comparable, now: Comparable): boolean {
  return (
    before.isPending === now.isPending && before.conflict === now.conflict && isEqual(before.value, now.value)
  );
}
