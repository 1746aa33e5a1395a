import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { WebSocket } from 'ws';

export type Upgrade =
  /** The status of an upgrade that was refused. */
  | { readonly refused: number | undefined }
  /** The close code of a socket that was closed before anything else. */
  | { readonly closed: number }
  | { readonly opened: true };

/** Asks for a socket at a path that is sent as it is. What was opened is cut off. */
export async function openStockSocket(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Upgrade> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<Upgrade>();
  const socket = new WebSocket(`ws://${hostname}:${port}`, {
    headers,
    createConnection: () => connect(Number(port), hostname),
    finishRequest: (request) => {
      request.path = path;
      request.end();
    },
  });
  socket.once('unexpected-response', (request, response: IncomingMessage) => {
    resolve({ refused: response.statusCode });
    request.destroy();
  });
  socket.once('message', () => resolve({ opened: true }));
  socket.once('close', (code) => resolve({ closed: code }));
  socket.on('error', () => undefined);
  const upgrade = await promise;
  socket.terminate();
  return upgrade;
}
