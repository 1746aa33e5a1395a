import { useMemo } from 'react';
import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import type { ListHandle, ListState } from '../list/listHandle.ts';
import { EMPTY_LIST } from './neutral.ts';
import { usePeekable } from './usePeekable.ts';
import { useProvided } from './weftContext.ts';

/** The existing aggregates of a type; its list is open while a component uses it and for some seconds after. */
export function useList<Definition extends AggregateDefinition>(
  definition: Definition,
): ListState<Definition> {
  const provided = useProvided();
  const source = useMemo(() => toSource(provided, definition), [provided, definition]);
  return usePeekable<ListState<Definition>>(source, EMPTY_LIST);
}

function toSource<Definition extends AggregateDefinition>(
  { client, keeper }: ReturnType<typeof useProvided>,
  { name }: Definition,
): Peekable<ListState<Definition>> {
  return {
    subscribe: (listener) => keeper.hold(name, { open: () => client.list(name) }, listener),
    peek: () => (keeper.find(name) as ListHandle<Definition> | undefined)?.peek() ?? EMPTY_LIST,
  };
}
