import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import type { Application } from './application.ts';
import type { Authenticate } from './auth/authenticate.ts';
import { authenticateByName } from './auth/authenticateByName.ts';
import { createServices } from './createServices.ts';
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
import { createRealtime } from './realtime/realtime.ts';
import type { ServerTexts } from './serverTexts.ts';

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
    aggregates,
    clock = systemClock,
    logger = silentLogger,
    authenticate = authenticateByName,
    origins = [],
  } = options;
  const { store, isHealthy } = watchStoreHealth(opened, clock);
  const services = createServices({
    aggregates,
    store,
    authenticate,
    clock,
    logger,
    createId: () => randomUUID(),
    watchCommands: (commands) => countCommands(commands, metrics),
  });
  const waits = createRequestWaits(clock);
  const realtime = createRealtime({
    ...services,
    origins,
    onSocketOpened: metrics.socketOpened,
    onSocketClosed: metrics.socketClosed,
  });
  const app = createHttpApp({
    ...services,
    waits,
    isReady: async () => services.pending.hasRoomFor(1) && (await isHealthy()),
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
    texts: services.texts,
    close: async () => {
      const stopped = stopListening(http, clock);
      waits.close();
      await services.drain();
      await realtime.close();
      await stopped;
      await services.close();
    },
  };
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
