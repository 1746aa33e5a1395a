import type { User } from '../../protocol/user.ts';
import type { Refusal } from './refusal.ts';
import type { Renewal } from './renewal.ts';

/** What came before an attempt, as far as it has to be made up for. */
export type Past = {
  /** Failures in a row. */
  readonly failures: number;
  /** Of the last token that was sent. */
  readonly refusal: Refusal | undefined;
};

type Attempt = {
  readonly socket: number;
  readonly past: Past;
  /** When it counts as failed, in milliseconds since the epoch. */
  readonly giveUpAt: number;
};

/**
 * Silence alone does not tell a dead socket, in a page whose timers sleep while it is hidden: an unanswered ping does. `at`
 * is when the next one is sent, or when the one that was sent at `pingedAt` counts as unanswered.
 */
export type Liveness =
  | { readonly kind: 'quiet'; readonly at: number }
  | { readonly kind: 'pinged'; readonly pingedAt: number; readonly at: number };

export type MachineState =
  | { readonly name: 'idle'; readonly socket: number }
  | ({ readonly name: 'opening' } & Attempt)
  | ({ readonly name: 'greeting' } & Attempt)
  | {
      readonly name: 'online';
      readonly socket: number;
      readonly past: Past;
      readonly since: number;
      readonly user: User;
      readonly liveness: Liveness;
      /** Undefined where the server never said that the token expires: it may be too old to renew one. */
      readonly renewal: Renewal | undefined;
    }
  | { readonly name: 'waiting'; readonly socket: number; readonly past: Past; readonly retryAt: number }
  | ({ readonly name: 'refused'; readonly socket: number } & Refusal)
  | { readonly name: 'closed'; readonly socket: number };

/** The state of one name. */
export type Named<Name extends MachineState['name']> = Extract<MachineState, { name: Name }>;

/** When something happened, and a random number in [0, 1) for what it leads to. */
export type Moment = { readonly now: number; readonly random: number };

/** What a reading of the token for the running session brought. `same`: the one in use. */
export type FoundToken =
  { readonly kind: 'another'; readonly token: string } | { readonly kind: 'same' | 'none' | 'failure' };

export type Occurrence =
  | { readonly type: 'start' }
  | { readonly type: 'connect' }
  /** The application has another token. */
  | { readonly type: 'renew' }
  | { readonly type: 'opened'; readonly socket: number }
  | {
      readonly type: 'welcomed';
      readonly socket: number;
      readonly user: User;
      readonly expiresAt: number | undefined;
    }
  /** The server welcomed somebody whom this client must not be. */
  | { readonly type: 'not-admitted'; readonly socket: number; readonly detail: string }
  /** The attempt has the same token as the one before it. */
  | { readonly type: 'token-repeated'; readonly socket: number }
  /** `reading` is the effect's. */
  | {
      readonly type: 'token-read';
      readonly socket: number;
      readonly reading: number;
      readonly found: FoundToken;
    }
  | { readonly type: 'renewed'; readonly socket: number; readonly expiresAt: number | undefined }
  /** Any frame came. */
  | { readonly type: 'heard'; readonly socket: number }
  | { readonly type: 'lost'; readonly socket: number; readonly code: number; readonly detail: string }
  /** The moment came that `deadlineOf` told. */
  | { readonly type: 'due' }
  /** The browser says so. It may be wrong, where the server is near: trying goes on. */
  | { readonly type: 'network-gone' }
  | { readonly type: 'network-back' }
  /** Somebody looks at the page again. */
  | { readonly type: 'shown' }
  | { readonly type: 'close' };

export type MachineEvent = Occurrence & Moment;

export type Effect =
  | { readonly type: 'open'; readonly socket: number }
  | { readonly type: 'greet'; readonly socket: number }
  | { readonly type: 'ping'; readonly socket: number }
  | { readonly type: 'read-token'; readonly socket: number; readonly reading: number }
  | { readonly type: 'send-token'; readonly socket: number; readonly token: string }
  /** Lets go of a socket; nothing it says afterwards counts. */
  | { readonly type: 'drop'; readonly socket: number };

export type Transition = { readonly state: MachineState; readonly effects: readonly Effect[] };

export const INITIAL_STATE: MachineState = { name: 'idle', socket: 0 };
