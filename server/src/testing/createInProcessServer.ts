import type { AggregateDefinition } from '@weft/client/protocol';
import type { Authenticate } from '../auth/authenticate.ts';
import { authenticateByName } from '../auth/authenticateByName.ts';
import { createServices } from '../createServices.ts';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import type { Clock } from '../lifecycle/clock.ts';
import { type Logger, silentLogger } from '../lifecycle/logger.ts';
import type { ServerTexts } from '../serverTexts.ts';
import { inlineMaterialiser } from './inlineMaterialiser.ts';
import {
  type ClientEnd,
  type InProcessSocket,
  openInProcessSocket,
  type ServerEnd,
} from './inProcessSocket.ts';

export type InProcessServerOptions = {
  readonly aggregates: readonly AggregateDefinition[];
  /** Who somebody is, by the token shown. Default: people name themselves. */
  readonly authenticate?: Authenticate | undefined;
  readonly clock: Clock;
  /** Makes UUIDs. */
  readonly createId: () => string;
  /** Default: nothing is logged. */
  readonly logger?: Logger | undefined;
};

/** A server without sockets: all that a real one does with a session, over a store in memory. */
export type InProcessServer = {
  /** Serves a session, as it does for who connects. Whoever opened it ends it. */
  openSession(client: ClientEnd): ServerEnd;
  readonly texts: ServerTexts;
  /** Stores everything accepted, closes every session as unavailable, then the store. Idempotent. */
  close(): Promise<void>;
};

/**
 * Starts a server in this process. It waits for nothing but its clock: no timers, threads or files of its own.
 *
 * @throws TypeError where two definitions have one name.
 */
export function createInProcessServer({
  aggregates,
  authenticate = authenticateByName,
  clock,
  createId,
  logger = silentLogger,
}: InProcessServerOptions): InProcessServer {
  const store = createInMemoryEventStore();
  const services = createServices({
    ...{ aggregates, store, authenticate, clock, logger, createId },
    materialiser: inlineMaterialiser,
  });
  const sockets = new Set<InProcessSocket>();
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await services.drain();
    for (const socket of sockets) socket.close('unavailable', 'the server is stopping');
    sockets.clear();
    await services.close();
    await store.close();
  }

  return {
    openSession: (client) => {
      const socket = openInProcessSocket(services, {
        onFrame: (frame) => client.onFrame(frame),
        onClose: (code, detail) => {
          sockets.delete(socket);
          client.onClose(code, detail);
        },
      });
      sockets.add(socket);
      if (closing) socket.close('unavailable', 'the server is stopping');
      return {
        receive: (frame) => socket.receive(frame),
        end: () => {
          sockets.delete(socket);
          socket.end();
        },
      };
    },
    texts: services.texts,
    close: () => (closing ??= close()),
  };
}
