import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ConnectionState } from '../connection/connectionState.ts';
import type { HandleState } from '../fields/handleState.ts';
import type { ListState } from '../list/listHandle.ts';
import type { SaveState } from '../saveState.ts';
import type { StorageCondition } from '../storage/clientStorage.ts';

// What there is to see on a server, in the first render of a page that came from one, and where there is nothing to
// look at: nothing to wait for, and nothing to be warned of.

type Loading = Extract<HandleState<AggregateDefinition>, { status: 'loading' }>;

export const SAVED: SaveState = { status: 'saved' };

/** Of no definition in particular: it has neither fields nor conflicts. */
export const NOT_YET = {
  status: 'loading',
  handle: undefined,
  conflicts: [] as never[],
  saveState: SAVED,
  freshness: 'cached',
  canUndo: false,
  canRedo: false,
} as const satisfies Loading & { handle: undefined };

export const EMPTY_LIST: ListState<AggregateDefinition> & { readonly items: readonly never[] } = {
  status: 'loading',
  freshness: 'cached',
  items: [],
};

export const CONNECTING: ConnectionState = { state: 'connecting' };

export const DURABLE: StorageCondition = { kind: 'durable' };

export const NONE: readonly never[] = [];
