import type { User } from '../../protocol/user.ts';
import type { MachineState } from './machineState.ts';
import type { Refusal } from './refusal.ts';

/**
 * The client's end of its one socket, as an application sees it.
 *
 * - `connecting`: an attempt is under way, or will be as soon as what the device keeps is open.
 * - `online`: the server knows who this is, and everything is sent at once.
 * - `offline`: the last attempt failed or the socket was lost; the next one starts at `retryAt`, milliseconds since
 *   the epoch.
 * - `refused`: the server will not have this client, for a reason that trying again does not mend: `unauthenticated`, a
 *   token that is not valid, also after it was read anew; `protocol-version`, a client that is too old or too new;
 *   `other-person`, where the device keeps the changes of somebody else than the one who signed in … `detail` is for people
 *   who build the application. Only `reconnect()` and `renewToken()` lead out.
 * - `closed`: the client was closed.
 */
export type ConnectionState =
  | { readonly state: 'connecting' }
  | { readonly state: 'online'; readonly user: User }
  | { readonly state: 'offline'; readonly retryAt: number }
  | ({ readonly state: 'refused' } & Refusal)
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
      return { state: 'refused', reason: state.reason, detail: state.detail };
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
      return state.past.failures === 0 ? 'expected' : 'down';
    case 'waiting':
    case 'refused':
    case 'closed':
      return 'down';
  }
}
