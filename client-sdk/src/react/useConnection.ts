import type { ConnectionState } from '../connection/connectionState.ts';
import { CONNECTING } from './neutral.ts';
import { usePeekable } from './usePeekable.ts';
import { useProvided } from './weftContext.ts';

/** How the connection stands. `useWeft().connection` can `reconnect()`. */
export function useConnection(): ConnectionState {
  return usePeekable(useProvided().client.connection, CONNECTING);
}
