import { type CloseReason, toCloseReason } from '../../protocol/closeCodes.ts';
import type { User } from '../../protocol/user.ts';
import type { MachineState } from './connectionMachine.ts';

/**
 * The client's end of its one socket, as an application sees it.
 *
 * - `connecting`: an attempt is under way.
 * - `online`: the server knows who this is, and everything is sent at once.
 * - `offline`: the last attempt failed or the socket was lost; the next one starts at `retryAt`, milliseconds since
 *   the epoch.
 * - `refused`: the server will not have this client, for a reason that trying again does not mend (a token that is
 *   not valid, a protocol version …). Only `reconnect()` leads out.
 * - `closed`: the client was closed.
 */
export type ConnectionState =
  | { readonly state: 'connecting' }
  | { readonly state: 'online'; readonly user: User }
  | { readonly state: 'offline'; readonly retryAt: number }
  | { readonly state: 'refused'; readonly reason: CloseReason | 'unknown'; readonly detail: string }
  | { readonly state: 'closed' };

export function toConnectionState(state: MachineState): ConnectionState {
  switch (state.name) {
    case 'idle':
    case 'opening':
    case 'greeting':
      return { state: 'connecting' };
    case 'online':
      return { state: 'online', user: state.user };
    case 'waiting':
      return { state: 'offline', retryAt: state.retryAt };
    case 'refused':
      return { state: 'refused', reason: toCloseReason(state.code) ?? 'unknown', detail: state.detail };
    case 'closed':
      return { state: 'closed' };
  }
}

/**
 * Whether an answer of the server can be had: `online` now, `expected` from the attempt under way, or not while the
 * connection is `down`. An attempt that follows a failure is still `down`.
 */
export type Reach = 'online' | 'expected' | 'down';

export function toReach(state: MachineState): Reach {
  switch (state.name) {
    case 'online':
      return 'online';
    case 'idle':
      return 'expected';
    case 'opening':
    case 'greeting':
      return state.failures === 0 ? 'expected' : 'down';
    case 'waiting':
    case 'refused':
    case 'closed':
      return 'down';
  }
}
