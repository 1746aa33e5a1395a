import type { AggregateDefinition } from '../protocol/aggregateDefinition.ts';
import type { Resolvers } from './conflictDefaults/resolvers.ts';
import type { Clock } from './connection/clock.ts';
import type { ReadToken } from './connection/connection.ts';
import type { WebSocketLike } from './connection/webSocketLike.ts';
import type { LateOutcome } from './lateOutcome.ts';
import type { ClientReport } from './lifecycle/clientReport.ts';
import type { ClientStorage } from './storage/clientStorage.ts';

export type ClientOptions<Definitions extends readonly AggregateDefinition[]> = {
  /** The server's address, http(s), with a path where the server is behind one: `https://example.org/app`. */
  readonly url: string;
  /** The definitions that the server was started with. */
  readonly aggregates: Definitions;
  /**
   * Says who this is. A function is called for every attempt to connect, and again before its token expires. Default:
   * nobody in particular.
   */
  readonly token?: string | ReadToken | undefined;
  /**
   * Where to keep what must outlive the page: `indexedDbStorage({ name })` of `@weft/client/offline`. One person's, at one
   * server. Default: nowhere; what is not saved is lost with the page.
   */
  readonly storage?: ClientStorage | undefined;
  /** Decide conflicts without asking anybody, by aggregate and field. Default: every conflict stays open. */
  readonly resolvers?: NoInfer<Resolvers<Definitions>> | undefined;
  /**
   * Told what became of each command whose page is gone, at least once. What it throws is reported, and it is told again
   * by the next client. Default: rejections are reported, as `command-rejected`.
   */
  readonly onOutcome?: ((outcome: LateOutcome) => void) | undefined;
  /**
   * Told of what went wrong without anybody waiting for it. Default: the page's `reportError`, and nothing where
   * there is none.
   */
  readonly onReport?: ((report: ClientReport) => void) | undefined;
  /** Opens a socket. Default: the global `WebSocket`. */
  readonly createSocket?: ((url: string) => WebSocketLike) | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** In [0, 1); spreads attempts to reconnect. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
};
