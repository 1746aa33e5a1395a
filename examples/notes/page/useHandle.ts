import { useCallback, useSyncExternalStore } from 'react';
import { useSession } from './session/SessionContext.ts';
import type { Peekable } from './store.ts';
import type { NoteHandle } from './weft.ts';

/** The present value of a handle, a list, a connection or a store, rendered anew whenever it changes. */
export function usePeek<Value>(source: Peekable<Value>): Value {
  const subscribe = useCallback((listener: () => void) => source.subscribe(listener), [source]);
  return useSyncExternalStore(subscribe, () => source.peek());
}

/** Holds a note open while the component is mounted; undefined until it is. */
export function useHandle(id: string): NoteHandle | undefined {
  const { notes } = useSession();
  // React looks again right after it has subscribed, and finds the handle then.
  const hold = useCallback(() => notes.hold(id).release, [notes, id]);
  return useSyncExternalStore(hold, () => notes.find(id));
}
