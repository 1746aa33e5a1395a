import type { AggregateDefinition } from '../protocol/aggregateDefinition.ts';
import type { ClientOptions } from './clientOptions.ts';
import { createClientSaveState } from './clientSaveState.ts';
import type { AnyResolvers } from './conflictDefaults/resolvers.ts';
import type { ConnectionState, Reach } from './connection/connectionState.ts';
import { createContext } from './createContext.ts';
import { createMessageRouter } from './createMessageRouter.ts';
import type { AggregateHandle } from './fields/aggregateHandle.ts';
import { AggregateRegistry } from './fields/aggregateRegistry.ts';
import { Listeners } from './lifecycle/listeners.ts';
import type { Peekable } from './lifecycle/peekable.ts';
import { waitUntil } from './lifecycle/waitUntil.ts';
import { watchYjs } from './lifecycle/watchYjs.ts';
import type { ListHandle } from './list/listHandle.ts';
import { ListRegistry } from './list/listRegistry.ts';
import type { SaveState } from './saveState.ts';
import { joinPages, type SharedPages } from './sharedPages.ts';
import type { StorageCondition } from './storage/clientStorage.ts';
import type { StorageAccess } from './storage/storageAccess.ts';
import { watchCondition } from './storage/watchCondition.ts';

/** The connection of a client, as an application sees it. Its members need no `this`. */
export type ClientConnection = Peekable<ConnectionState> & {
  /** Replaces the socket at once with a new one, whose token is read anew. Leads out of `refused`. */
  reconnect(): void;
  /** Reads the token anew at once and shows it to the server, without a new socket. Leads out of `refused`. */
  renewToken(): void;
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
  /** Of everything that the client has, also of what no handle is open for. */
  readonly saveState: Peekable<SaveState>;
  /** Whether what is not saved outlives the page. */
  readonly storage: Peekable<StorageCondition>;
  /** The same handle as by the definition's name. */
  open<Definition extends Definitions[number]>(
    definition: Definition,
    id: string,
  ): AggregateHandle<Definition>;
  /** The list of a type's aggregates, by the definition or its name; the same one until it is closed. */
  list<Definition extends Definitions[number]>(definition: Definition): ListHandle<Definition>;
  /** The same by its name. */
  list<Name extends Definitions[number]['name']>(
    name: Name,
  ): ListHandle<Extract<Definitions[number], { name: Name }>>;
  /** Resolves when everything that was asked for so far is on the device, or cannot be. */
  whenKept(): Promise<void>;
  /**
   * Resolves as soon as everything is saved: durable on the server. `signal` ends the wait alone; the promise rejects with its
   * reason, and where the client is closed meanwhile.
   */
  whenSaved(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /**
   * Idempotent. Ends every handle, list and text, and the socket. Commands without an answer are rejected as `closed`;
   * what is kept on the device is sent by the next client. Resolves when everything is written and let go.
   */
  close(): Promise<void>;
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
  // Each is called with the fields of its own aggregate only.
  const resolvers = options.resolvers as Readonly<Record<string, AnyResolvers | undefined>> | undefined;
  const context = createContext({ ...options, resolvers }, () => aggregates.saveCounts.pending);
  const { connection, channels, report, sending, storage } = context;
  const pendingListeners = new Listeners(report);
  const aggregates = new AggregateRegistry({
    context,
    definitions,
    onChange: () => saveState.update(),
    onPages: (tabs) => pages?.watch(tabs),
    onPending: () => pendingListeners.emit(),
  });
  const saveState = createClientSaveState(() => aggregates.saveCounts, context);
  const lists = new ListRegistry(context, {
    of: (aggregate) => aggregates.listPending(aggregate),
    subscribe: (listener) => pendingListeners.add(listener),
  });
  const condition = watchCondition(storage, report);
  const disposers = [watchYjs(report), connection.subscribe(noteConnection)];
  let pages: SharedPages | undefined;
  const ended = new AbortController();
  let closed: Promise<void> | undefined;
  const whenStarted = storage ? startFrom(storage) : undefined;
  if (!storage) start();

  function noteConnection(): void {
    aggregates.reconsider();
    saveState.update();
  }

  function noteReach(reach: Reach): void {
    if (reach !== 'online') {
      channels.dropAll();
      sending.reset();
    }
    aggregates.onReach(reach);
    lists.onReach(reach);
    saveState.update();
  }

  function start(): void {
    connection.start({
      onReach: noteReach,
      onMessage: createMessageRouter({ aggregates, lists, channels, sending, report }),
      onFrame: (frame) => channels.receiveFrame(frame),
    });
  }

  /** What is stored says whose it is, and what to send: nothing is sent before that is known. */
  async function startFrom({ whenOpen }: StorageAccess): Promise<void> {
    const open = await whenOpen;
    if (closed) return;
    pages = joinPages(open, { context, aggregates, definitions });
    start();
  }

  function assertOpen(): void {
    if (closed) throw new Error('the client is closed');
  }

  function find(name: string): AggregateDefinition {
    const definition = definitions.get(name);
    if (!definition) throw new TypeError(`the client knows no aggregate '${name}'`);
    return definition;
  }

  function close(): Promise<void> {
    return (closed ??= end());
  }

  async function end(): Promise<void> {
    ended.abort(new Error('the client is closed'));
    for (const dispose of disposers) dispose();
    pages?.leave();
    aggregates.close();
    lists.close();
    connection.close();
    saveState.close();
    pendingListeners.clear();
    await storage?.close();
  }

  const open = (definition: AggregateDefinition, id: string) => {
    assertOpen();
    if (find(definition.name) !== definition) {
      throw new TypeError(`the client has another definition of '${definition.name}'`);
    }
    return aggregates.open(definition, id);
  };
  const client = {
    ...Object.fromEntries(
      [...definitions].map(([name, definition]) => [name, (id: string) => open(definition, id)]),
    ),
    connection: {
      peek: connection.peek,
      subscribe: connection.subscribe,
      reconnect: connection.reconnect,
      renewToken: connection.renewToken,
    },
    saveState: { peek: saveState.peek, subscribe: saveState.subscribe },
    storage: condition,
    open,
    list: (type: string | AggregateDefinition) => {
      assertOpen();
      return lists.open(find(typeof type === 'string' ? type : type.name).name).handle;
    },
    whenKept: async () => {
      await aggregates.whenLoaded();
      await (await storage?.whenOpen)?.flush();
    },
    whenSaved: async ({ signal }: { readonly signal?: AbortSignal | undefined } = {}) => {
      assertOpen();
      await whenStarted;
      await pages?.whenRead;
      const read = () => (saveState.peek().status === 'saved' ? true : undefined);
      await waitUntil({ read, subscribe: saveState.subscribe, signals: [signal, ended.signal] });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  // The one place where what is the same for every definition takes on the types of these definitions.
  return client as unknown as Client<Definitions>;
}

function toDefinitionMap(definitions: readonly AggregateDefinition[]): Map<string, AggregateDefinition> {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  if (byName.size < definitions.length) throw new TypeError('two aggregates have the same name');
  return byName;
}
