import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CLOSE_CODES, MAX_TEXT_FRAME_BYTES } from '@weft/client/protocol';
import { WebSocketServer } from 'ws';
import { isAllowedOrigin } from './isAllowedOrigin.ts';
import { type LiveSocket, openLiveSocket, type OpenLiveSocket } from './liveSocket.ts';
import type { RealtimeServices } from './services.ts';
import { createSession, type Session } from './session.ts';
import { isSpoken, SPOKEN_VERSIONS } from './spokenVersions.ts';
import { serveStockText, type StockTextTarget } from './stockText.ts';
import { createToWire } from './wireFrames.ts';

export type RealtimeOptions = RealtimeServices & {
  /** Origins of pages that may open sockets besides the server's own. */
  readonly origins: readonly string[];
  readonly onSocketOpened: (path: 'session' | 'text') => void;
  readonly onSocketClosed: (path: 'session' | 'text') => void;
};

/** Everything that the server answers over WebSocket. */
export type Realtime = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes every socket as unavailable and refuses new ones. Resolves when all are gone. */
  close(): Promise<void>;
};

// A frame of a channel carries its number as well; anything beyond is cut off by ws itself, with 1009.
const MAX_FRAME_BYTES = 2 * MAX_TEXT_FRAME_BYTES;

export function createRealtime(options: RealtimeOptions): Realtime {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
  });
  const toWire = createToWire();
  let closing = false;

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = toTarget(request.url);
    const { origin, host } = request.headers;
    if (closing) return refuseUpgrade(socket, '503 Service Unavailable');
    if (!target) return refuseUpgrade(socket, '404 Not Found');
    if (!isAllowedOrigin(origin, host, options.origins)) return refuseUpgrade(socket, '403 Forbidden');
    server.handleUpgrade(request, socket, head, (webSocket) => {
      options.onSocketOpened(target.path);
      webSocket.once('close', () => options.onSocketClosed(target.path));
      const { clock } = options;
      const open: OpenLiveSocket = (handlers) =>
        openLiveSocket({ socket: webSocket, stream: socket, toWire, clock }, handlers);
      if (target.path === 'session') serveSession(options, open, target.version);
      else serveStockText(options, open, target);
    });
  }

  async function close(): Promise<void> {
    closing = true;
    const gone = [...server.clients].map((client) => {
      client.close(CLOSE_CODES.unavailable, 'the server is stopping');
      return client.readyState === client.CLOSED
        ? Promise.resolve()
        : new Promise<void>((resolve) => client.once('close', () => resolve()));
    });
    const cutOff = options.clock.after(1_000, () => server.clients.forEach((client) => client.terminate()));
    await Promise.all(gone);
    cutOff();
  }

  return { upgrade, close };
}

type Target =
  /** The protocol version that the client asks for; NaN or 0 where it asks for none. */
  { readonly path: 'session'; readonly version: number } | ({ readonly path: 'text' } & StockTextTarget);

function toTarget(url: string | undefined): Target | undefined {
  if (url === undefined || !URL.canParse(url, 'ws://localhost')) return undefined;
  const { pathname, searchParams } = new URL(url, 'ws://localhost');
  if (pathname === '/weft') return { path: 'session', version: Number(searchParams.get('v')) };
  const [, root, aggregate, id, field, ...rest] = pathname.split('/');
  if (root !== 'yjs' || !aggregate || !id || !field || rest.length > 0) return undefined;
  return { path: 'text', address: { aggregate, id, field }, ...readTextParameters(searchParams) };
}

function readTextParameters(parameters: URLSearchParams): Omit<StockTextTarget, 'address'> {
  return {
    token: parameters.get('token') ?? undefined,
    wantsSaved: parameters.get('saved') === '1',
    epoch: parameters.get('epoch') ?? undefined,
  };
}

function refuseUpgrade(socket: Duplex, status: string): void {
  // A peer that is gone already is no fault of the server.
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function serveSession(services: RealtimeServices, open: OpenLiveSocket, version: number): void {
  const live: LiveSocket = open({
    onText: (text) => session.receiveText(text),
    onBinary: (bytes) => session.receiveBinary(bytes),
    onClose: () => session.end(),
  });
  const session: Session = createSession(services, {
    ...live,
    sendMessage: (message) => live.send(JSON.stringify(message)),
    sendBinary: (frame) => live.send(frame),
  });
  if (!isSpoken(version)) live.close('protocol-version', SPOKEN_VERSIONS);
}
