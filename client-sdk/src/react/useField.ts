import { useCallback, useMemo } from 'react';
import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import type { AggregateHandle, WriteOptions } from '../fields/aggregateHandle.ts';
import type { ChangeResult, OpenConflict } from '../fields/changeResult.ts';
import type { HandleState } from '../fields/handleState.ts';
import { derive } from './derive.ts';
import { usePeekable } from './usePeekable.ts';

type NameOf<Definition extends AggregateDefinition> = keyof FieldsOf<Definition> & string;

type FieldState<Definition extends AggregateDefinition, Name extends NameOf<Definition>> = {
  /** The value on display; undefined while the aggregate is not `existing`. */
  readonly value: FieldsOf<Definition>[Name] | undefined;
  /** The server has not confirmed the value yet. */
  readonly isPending: boolean;
  /** The open conflict that the field is in. */
  readonly conflict: OpenConflict<Definition> | undefined;
};

export type FieldView<Definition extends AggregateDefinition, Name extends NameOf<Definition>> = FieldState<
  Definition,
  Name
> & {
  /** Changes this field alone, as `handle.change` does. The promise rejects while there is no handle. */
  set(
    value: FieldsOf<Definition>[Name],
    options?: WriteOptions<Definition>,
  ): Promise<ChangeResult<Definition>>;
};

const NOTHING = { value: undefined, isPending: false, conflict: undefined };

/** One field. Renders anew only when something about this field has changed; then it is another object. */
export function useField<Definition extends AggregateDefinition, Name extends NameOf<Definition>>(
  handle: AggregateHandle<Definition> | undefined,
  name: Name,
): FieldView<Definition, Name> {
  const source = useMemo(
    () =>
      handle &&
      derive<HandleState<Definition>, FieldState<Definition, Name>>(handle, {
        read: (state) => readField(state, name),
        isSame,
      }),
    [handle, name],
  );
  const state = usePeekable<FieldState<Definition, Name>>(source, NOTHING);
  const set = useCallback<FieldView<Definition, Name>['set']>(
    (value, options) => {
      if (!handle) return Promise.reject(new Error(`there is no handle yet to set '${name}' by`));
      const patch: Partial<FieldsOf<Definition>> = {};
      patch[name] = value;
      return handle.change(patch, options);
    },
    [handle, name],
  );
  return useMemo(() => ({ ...state, set }), [state, set]);
}

function readField<Definition extends AggregateDefinition, Name extends NameOf<Definition>>(
  state: HandleState<Definition>,
  name: Name,
): FieldState<Definition, Name> {
  const conflict = state.conflicts.find(({ fields }) => fields.some(({ field }) => field === name));
  if (state.status !== 'existing') return { ...NOTHING, conflict };
  return { value: state.fields[name], isPending: state.pending.includes(name), conflict };
}

type Comparable = { readonly value: unknown; readonly isPending: boolean; readonly conflict: unknown };

function isSame(before: Comparable, now: Comparable): boolean {
  return (
    before.isPending === now.isPending && before.conflict === now.conflict && isEqual(before.value, now.value)
  );
}
