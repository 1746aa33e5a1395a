import type { User } from '@weft/client/protocol';

/** What a client shows of itself: the bearer token of a request, the hello's, or `?token=` on the stock path. */
export type Credentials = { readonly token: string | undefined };

export type AuthenticationResult =
  | {
      readonly outcome: 'authenticated';
      readonly user: User;
      /**
       * When the token stops being good, in milliseconds since the epoch: a session that has not got another one by then
       * ends. Default: never.
       */
      readonly expiresAt?: number | undefined;
    }
  /** `detail` goes to the client, so it never quotes the token. */
  | { readonly outcome: 'refused'; readonly detail: string };

/** Finds out who somebody is. A rejection counts as a fault of the server, not as a refusal. */
export type Authenticate = (credentials: Credentials) => Promise<AuthenticationResult>;
