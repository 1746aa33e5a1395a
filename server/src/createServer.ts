import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import type { AggregateDefinition, TextKind } from '@weft/client/protocol';
import { createAggregateReader } from './aggregates/aggregateReader.ts';
import { createAggregateRepository } from './aggregates/aggregateRepository.ts';
import type { Application } from './application.ts';
import type { Authenticate } from './auth/authenticate.ts';
import { authenticateByName } from './auth/authenticateByName.ts';
import { createCommandHandler } from './commands/commandHandler.ts';
import { createDeferredCommands } from './commands/deferred/deferredCommands.ts';
import { createLosingValues } from './commands/losingValues.ts';
import type { EventStore } from './event-store/eventStore.ts';
import { openEventStore } from './event-store/openEventStore.ts';
import { createHttpApp } from './http/createHttpApp.ts';
import { createRequestWaits } from './http/requestWaits.ts';
import { type Clock, systemClock } from './lifecycle/clock.ts';
import { listen } from './lifecycle/listen.ts';
import { type Logger, silentLogger } from './lifecycle/logger.ts';
import { countCommands } from './observability/countCommands.ts';
import { createMetrics, type Metrics } from './observability/metrics.ts';
import { watchStoreHealth } from './observability/watchStoreHealth.ts';
import { createAggregateLists } from './projections/aggregateLists.ts';
import { closeDeletedTexts } from './reactors/closeDeletedTexts.ts';
import { createRealtime } from './realtime/realtime.ts';
import { createServerTexts, type ServerTexts } from './serverTexts.ts';
import { createPendingBytes } from './text/stored/pendingBytes.ts';
import type { TextAddress } from './text/textParticipant.ts';
import { createTextRooms } from './text/textRooms.ts';
import { createTextVersions } from './text/versions/textVersions.ts';

export type ServerOptions = Application & {
  /** `sqlite:<path>`, `memory:`, or a store of your own, which you close after the server. Default: `memory:`. */
  readonly store?: string | EventStore | undefined;
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0 takes a free one. Default: 8080. */
  readonly port?: number | undefined;
  /** Who somebody is, by the token shown. Default: people name themselves. */
  readonly authenticate?: Authenticate | undefined;
  /** Origins whose pages may open sockets, besides the server's own. Default: none. */
  readonly origins?: readonly string[] | undefined;
  /** Default: nothing is logged. */
  readonly logger?: Logger | undefined;
  /** Default: the system's time. */
  readonly clock?: Clock | undefined;
};

/** A running server. */
export type WeftServer = {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The texts of all aggregates, for code beside the server. */
  readonly texts: ServerTexts;
  /** Stores everything accepted, closes every socket, then the store unless it was given. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts a server.
 *
 * @throws StartError where the address cannot be had, EventStoreError where the store cannot be opened; in both cases
 * nothing is left open.
 */
export async function createServer(options: ServerOptions): Promise<WeftServer> {
  const { host = '127.0.0.1', port = 8080, store: given = 'memory:' } = options;
  const metrics = createMetrics();
  const opened =
    typeof given === 'string' ? await openEventStore(given, { onCommit: metrics.countCommit }) : given;
  const closeStore = () => (typeof given === 'string' ? opened.close() : Promise.resolve());
  const parts = assemble(options, opened, metrics);
  try {
    const url = await listen(parts.http, { host, port });
    let closed: Promise<void> | undefined;
    const close = () => (closed ??= parts.close().then(closeStore));
    return { url, texts: parts.texts, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await parts.close();
    await closeStore();
    throw error;
  }
}

type Parts = { readonly http: Server; readonly texts: ServerTexts; close(): Promise<void> };

/** Wires everything; nothing is reachable before `http` listens. */
function assemble(options: ServerOptions, opened: EventStore, metrics: Metrics): Parts {
  const {
    clock = systemClock,
    logger = silentLogger,
    authenticate = authenticateByName,
    origins = [],
  } = options;
  const definitions = toDefinitions(options.aggregates);
  const textNames = new Map(options.aggregates.map(({ name, text }) => [name, Object.keys(text)]));
  const createId = () => randomUUID();
  const { store, isHealthy } = watchStoreHealth(opened, clock);
  const repository = createAggregateRepository({ store, logger });
  const reader = createAggregateReader({ definitions, store, repository });
  const losingValues = createLosingValues(store);
  const handler = createCommandHandler({
    definitions,
    store,
    repository,
    losingValues,
    clock,
    createId,
  });
  const commands = countCommands(handler, metrics);
  const deferred = createDeferredCommands({ definitions, store, commands, clock, logger, createId });
  const lists = createAggregateLists({ definitions, store, clock, logger });
  const pending = createPendingBytes();
  // Versions are taken of what is in rooms, and rooms tell versions of edits.
  const versions = createTextVersions({
    store,
    clock,
    logger,
    createId,
    texts: {
      read: (address) => rooms.read(address),
      readContent: (address) => rooms.readContent(address),
      edit: (address, edit, by) => rooms.edit(address, edit, by),
    },
  });
  const kindOf = ({ aggregate, field }: TextAddress): TextKind =>
    definitions.get(aggregate)?.text[field]?.kind ?? 'text';
  const { hooks } = versions;
  const rooms = createTextRooms({ store, clock, logger, createId, kindOf, pending, hooks });
  const stopReactor = closeDeletedTexts({ lists, rooms, textNames, logger });
  const waits = createRequestWaits(clock);
  const services = { authenticate, commands, reader, lists, rooms, textNames, clock, logger, createId };
  const realtime = createRealtime({
    ...services,
    origins,
    onSocketOpened: metrics.socketOpened,
    onSocketClosed: metrics.socketClosed,
  });
  const app = createHttpApp({
    ...services,
    definitions,
    repository,
    losingValues,
    deferred,
    waits,
    versions,
    isReady: async () => pending.hasRoomFor(1) && (await isHealthy()),
    metrics: metrics.registry,
    page: options.page,
  });
  // An upgrade to what is not spoken here, such as HTTP/2, is an offer: it is answered in HTTP/1.1.
  const shouldUpgradeCallback = ({ headers }: IncomingMessage) =>
    headers.upgrade?.toLowerCase() === 'websocket';
  const http = createHttpServer({ shouldUpgradeCallback }, (request, response) => {
    app(request, response);
  });
  http.on('upgrade', (request, socket, head) => realtime.upgrade(request, socket, head));

  return {
    http,
    texts: createServerTexts({ reader, rooms, textNames }),
    close: async () => {
      const stopped = stopListening(http, clock);
      waits.close();
      await deferred.close();
      await versions.close();
      await rooms.close();
      await realtime.close();
      stopReactor();
      lists.close();
      await stopped;
      await repository.close();
    },
  };
}

function toDefinitions(aggregates: readonly AggregateDefinition[]): ReadonlyMap<string, AggregateDefinition> {
  const definitions = new Map(aggregates.map((definition) => [definition.name, definition]));
  if (definitions.size !== aggregates.length) throw new TypeError('two aggregate types have the same name');
  return definitions;
}

const REQUEST_GRACE_MS = 5_000;

/** Lets requests under way end, for a while. */
async function stopListening(http: Server, clock: Clock): Promise<void> {
  if (!http.listening) return;
  const cutOff = clock.after(REQUEST_GRACE_MS, () => http.closeAllConnections());
  await new Promise<void>((resolve) => {
    http.close(() => resolve());
    http.closeIdleConnections();
  });
  cutOff();
}
