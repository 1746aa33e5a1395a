import { uuidv4 } from 'lib0/random';
import type { AggregateDefinition } from '../protocol/aggregateDefinition.ts';
import type { ClientContext } from './clientContext.ts';
import { Channels } from './connection/channels.ts';
import { type Clock, systemClock } from './connection/clock.ts';
import { Connection, type ReadToken } from './connection/connection.ts';
import type { ConnectionState } from './connection/connectionState.ts';
import { toSessionUrl } from './connection/toSessionUrl.ts';
import { watchNetwork } from './connection/watchNetwork.ts';
import type { WebSocketLike } from './connection/webSocketLike.ts';
import { createMessageRouter } from './createMessageRouter.ts';
import type { AggregateHandle } from './fields/aggregateHandle.ts';
import { AggregateRegistry } from './fields/aggregateRegistry.ts';
import { type ClientReport, createReport } from './lifecycle/clientReport.ts';
import type { ListHandle } from './list/listHandle.ts';
import { ListRegistry } from './list/listRegistry.ts';

export type ClientOptions<Definitions extends readonly AggregateDefinition[]> = {
  /** The server's address, http(s), with a path where the server is behind one: `https://example.org/app`. */
  readonly url: string;
  /** The definitions that the server was started with. */
  readonly aggregates: Definitions;
  /** Says who this is. A function is called for every attempt to connect. Default: nobody in particular. */
  readonly token?: string | ReadToken | undefined;
  /** Opens a socket. Default: the global `WebSocket`. */
  readonly createSocket?: ((url: string) => WebSocketLike) | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** In [0, 1); spreads attempts to reconnect. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /**
   * Told of what went wrong without anybody waiting for it. Default: the page's `reportError`, and nothing where
   * there is none.
   */
  readonly onReport?: ((report: ClientReport) => void) | undefined;
};

/** The connection of a client, as an application sees it. Its members need no `this`. */
export type ClientConnection = {
  /** The same object until something changes. */
  peek(): ConnectionState;
  /** Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
  /** Replaces the socket at once with a new one, whose token is read anew. Leads out of `refused`. */
  reconnect(): void;
};

/**
 * A client has one function for each of its definitions, by the definition's name: `client.note(id)` is the handle of
 * that note, the same one until it is closed. It throws a TypeError where no aggregate can have the id, an Error where
 * the client is closed.
 */
export type Client<Definitions extends readonly AggregateDefinition[]> = AsyncDisposable & {
  readonly [Definition in Definitions[number] as Definition['name']]: (
    id: string,
  ) => AggregateHandle<Definition>;
} & {
  readonly connection: ClientConnection;
  /** The list of a type's aggregates, the same one until it is closed. */
  list<Name extends Definitions[number]['name']>(
    name: Name,
  ): ListHandle<Extract<Definitions[number], { name: Name }>>;
  /**
   * Idempotent. Ends every handle, list and text, and the socket. Commands without an answer are rejected as
   * `closed`; those that were not sent are lost.
   */
  close(): void;
};

/**
 * Connects to a server. Whoever creates a client closes it.
 *
 * @throws TypeError where the URL is not http(s), or where two definitions have one name.
 */
export function createClient<const Definitions extends readonly AggregateDefinition[]>(
  options: ClientOptions<Definitions>,
): Client<Definitions> {
  const definitions = toDefinitionMap(options.aggregates);
  const context = createContext(options);
  const { connection, channels, report } = context;
  const aggregates = new AggregateRegistry(context);
  const lists = new ListRegistry(context);
  connection.start({
    onReach: (reach) => {
      if (reach !== 'online') channels.dropAll();
      aggregates.onReach(reach);
      lists.onReach(reach);
    },
    onMessage: createMessageRouter({ aggregates, lists, channels, report }),
    onFrame: (frame) => channels.receiveFrame(frame),
  });

  function assertOpen(): void {
    if (connection.peek().state === 'closed') throw new Error('the client is closed');
  }

  function find(name: string): AggregateDefinition {
    const definition = definitions.get(name);
    if (!definition) throw new TypeError(`the client knows no aggregate '${name}'`);
    return definition;
  }

  function close(): void {
    aggregates.close();
    lists.close();
    connection.close();
  }

  const open = (definition: AggregateDefinition) => (id: string) => {
    assertOpen();
    return aggregates.open(definition, id);
  };
  const client = {
    ...Object.fromEntries([...definitions].map(([name, definition]) => [name, open(definition)])),
    connection: {
      peek: connection.peek,
      subscribe: connection.subscribe,
      reconnect: connection.reconnect,
    },
    list: (name: string) => {
      assertOpen();
      return lists.open(find(name).name).handle;
    },
    close,
    [Symbol.asyncDispose]: () => {
      close();
      return Promise.resolve();
    },
  };
  // The one place where what is the same for every definition takes on the types of these definitions.
  return client as unknown as Client<Definitions>;
}

function toDefinitionMap(definitions: readonly AggregateDefinition[]): Map<string, AggregateDefinition> {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  if (byName.size < definitions.length) throw new TypeError('two aggregates have the same name');
  return byName;
}

function createContext(options: ClientOptions<readonly AggregateDefinition[]>): ClientContext {
  const { token, clock = systemClock, random = Math.random } = options;
  const report = createReport(options.onReport);
  const connection = new Connection({
    url: toSessionUrl(options.url),
    readToken: typeof token === 'function' ? token : () => token,
    createSocket: options.createSocket ?? ((url) => new WebSocket(url)),
    watchNetwork,
    clock,
    random,
    report,
  });
  return { connection, channels: new Channels(connection, report), clock, random, createKey: uuidv4, report };
}
