import { useCallback, useMemo } from 'react';
import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import type { AggregateHandle, WriteOptions } from '../fields/aggregateHandle.ts';
import type { ChangeResult } from '../fields/changeResult.ts';
import { type FieldState, type NameOf, NO_FIELD, readField, toPatch } from './fieldState.ts';
import { usePeekable } from './usePeekable.ts';

export type FieldView<Definition extends AggregateDefinition, Name extends NameOf<Definition>> = FieldState<
  Definition,
  Name
> & {
  /**
   * Changes this field alone, as `handle.change` does. What somebody has typed for a while is a draft: see `useDraft`. The
   * promise rejects while there is no handle.
   */
  set(
    value: FieldsOf<Definition>[Name],
    options?: WriteOptions<Definition>,
  ): Promise<ChangeResult<Definition>>;
};

/** One field. Renders anew only when something about this field has changed; then it is another object. */
export function useField<Definition extends AggregateDefinition, Name extends NameOf<Definition>>(
  handle: AggregateHandle<Definition> | undefined,
  name: Name,
): FieldView<Definition, Name> {
  const source = useMemo(() => handle && readField(handle, name), [handle, name]);
  const state = usePeekable<FieldState<Definition, Name>>(source, NO_FIELD);
  const set = useCallback<FieldView<Definition, Name>['set']>(
    (value, options) => {
      if (!handle) return Promise.reject(new Error(`there is no handle yet to set '${name}' by`));
      return handle.change(toPatch(name, value), options);
    },
    [handle, name],
  );
  return useMemo(() => ({ ...state, set }), [state, set]);
}
