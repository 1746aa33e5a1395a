import { useSyncExternalStore } from 'react';
import type { Peekable } from '../lifecycle/peekable.ts';

/** The present value; `neutral` where there is no source, and until a page that came from a server is hydrated. */
export function usePeekable<Value>(source: Peekable<Value> | undefined, neutral: Value): Value {
  const getNeutral = () => neutral;
  return useSyncExternalStore(source?.subscribe ?? neverChanges, source?.peek ?? getNeutral, getNeutral);
}

function neverChanges(): () => void {
  return () => undefined;
}
