import { createContext, useContext } from 'react';
import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ClientConnection } from '../createClient.ts';
import type { AggregateHandle } from '../fields/aggregateHandle.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import type { ListHandle } from '../list/listHandle.ts';
import type { SaveState } from '../saveState.ts';
import type { StorageCondition } from '../storage/clientStorage.ts';
import type { Keeper } from './keeper.ts';

type OfEveryClient = {
  readonly connection: ClientConnection;
  readonly saveState: Peekable<SaveState>;
  readonly storage: Peekable<StorageCondition>;
};

/** A client of any definitions. */
export type AnyClient = OfEveryClient & {
  open(definition: never, id: string): unknown;
  list(name: never): unknown;
};

/** A client, as who does not know its definitions uses it: by a definition of its own. */
export type OpenClient = OfEveryClient & {
  /** The handle of an aggregate; throws where the client has no such definition. */
  open<Definition extends AggregateDefinition>(
    definition: Definition,
    id: string,
  ): AggregateHandle<Definition>;
  list<Definition extends AggregateDefinition>(name: Definition['name']): ListHandle<Definition>;
};

export type Provided = { readonly client: AnyClient; readonly keeper: Keeper };

export const WeftContext = createContext<Provided | undefined>(undefined);

/** @throws Error where there is no `WeftProvider` above. */
export function useProvided(): Omit<Provided, 'client'> & { readonly client: OpenClient } {
  const provided = useContext(WeftContext);
  if (!provided) throw new Error('there is no WeftProvider above this component');
  return provided as Provided & { readonly client: OpenClient };
}

/**
 * The client of the `WeftProvider` above. `useWeft<typeof weft>()` has the types of one's own, with `weft.note(id)`;
 * without it, `open(definition, id)` has those of the definition.
 *
 * @throws Error where there is no `WeftProvider` above.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- A context has one type; who gave the client knows its own.
export function useWeft<Weft extends AnyClient = OpenClient>(): Weft {
  return useProvided().client as AnyClient as Weft;
}
