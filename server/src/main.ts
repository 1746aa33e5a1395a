#!/usr/bin/env node
import { pino } from 'pino';
import type { Authenticate } from './auth/authenticate.ts';
import { authenticateByName } from './auth/authenticateByName.ts';
import { createJwtAuthenticate } from './auth/createJwtAuthenticate.ts';
import { createServer } from './createServer.ts';
import { EventStoreError } from './event-store/eventStoreError.ts';
import { StartError } from './lifecycle/startError.ts';
import { loadApplication } from './loadApplication.ts';
import { type Identity, parseSettings } from './settings.ts';

// Ctrl-C in a terminal reaches the whole group, and npm passes it on once more.
const SAME_KEY_PRESS_MS = 500;

const [, , applicationPath] = process.argv;

try {
  await start();
} catch (error) {
  if (!(error instanceof StartError || error instanceof EventStoreError)) throw error;
  process.stderr.write(`weft: ${error.message}\n`);
  // At once: a store that was refused must not be tidied up, for that could write to it.
  process.exit(1);
}

async function start(): Promise<void> {
  if (applicationPath === undefined)
    throw new StartError('name the application module: weft-server <module>');
  const parsed = parseSettings(process.env);
  if (!parsed.ok) throw new StartError(parsed.error);
  const { host, port, store, origins, identity, logLevel } = parsed.settings;
  const logger = pino({ level: logLevel }, pino.destination({ dest: 2, sync: false }));
  const application = await loadApplication(applicationPath);
  const authenticate = toAuthenticate(identity);
  const server = await createServer({ ...application, host, port, store, origins, authenticate, logger });
  process.stdout.write(`Weft is listening on ${server.url}\n`);

  stopOnSignals(() => {
    server.close().catch((error: unknown) => {
      logger.error({ err: error }, 'the server could not stop in order');
      process.exitCode = 1;
    });
  });
}

/** The first signal stops in order; one that comes later ends the process at once. */
function stopOnSignals(stop: () => void): void {
  let stoppedAt: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stoppedAt === undefined) {
        stoppedAt = performance.now();
        stop();
      } else if (performance.now() - stoppedAt > SAME_KEY_PRESS_MS) {
        process.exit(1);
      }
    });
  }
}

function toAuthenticate(identity: Identity): Authenticate {
  return identity.kind === 'none' ? authenticateByName : createJwtAuthenticate(identity);
}
