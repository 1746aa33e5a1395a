import { useMemo } from 'react';
import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { AggregateHandle } from '../fields/aggregateHandle.ts';
import type { HandleState } from '../fields/handleState.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import { NOT_YET } from './neutral.ts';
import { usePeekable } from './usePeekable.ts';
import { useProvided } from './weftContext.ts';

type Handle<Definition extends AggregateDefinition> = AggregateHandle<Definition>;

/** What a handle has, and the handle to write by. Only while it is `loading` there may be none. Immutable. */
export type AggregateView<Definition extends AggregateDefinition> =
  | (HandleState<Definition> & { readonly handle: Handle<Definition> })
  | (Extract<HandleState<Definition>, { status: 'loading' }> & { readonly handle: undefined });

/**
 * An aggregate, rendered anew with every change of it; `useField` and its like render less often. It is open while a
 * component uses it and for some seconds after the last one, so that coming back to a page opens nothing anew. The hook
 * closes the handle: components do not, and neither does code that shares it with components.
 */
export function useAggregate<Definition extends AggregateDefinition>(
  definition: Definition,
  id: string,
): AggregateView<Definition> {
  const provided = useProvided();
  const source = useMemo(() => toSource(provided, definition, id), [provided, definition, id]);
  return usePeekable<AggregateView<Definition>>(source, NOT_YET);
}

function toSource<Definition extends AggregateDefinition>(
  { client, keeper }: ReturnType<typeof useProvided>,
  definition: Definition,
  id: string,
): Peekable<AggregateView<Definition>> {
  const key = `${definition.name}/${id}`;
  return {
    subscribe: (listener) => keeper.hold(key, { open: () => client.open(definition, id) }, listener),
    peek: () => {
      const handle = keeper.find(key) as Handle<Definition> | undefined;
      if (!handle) return NOT_YET;
      const state = handle.peek();
      return keeper.view(key, state, () => ({ ...state, handle }));
    },
  };
}
