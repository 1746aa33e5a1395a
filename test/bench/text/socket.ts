import { once } from 'node:events';
import type { TextFrame } from '@weft/client/protocol';
import { WebSocket } from 'ws';
import type { ServerUnderTest } from '../support/serverUnderTest.ts';
import { decodeFrame, encodeFrame, encodeToken, type Heard } from './frames.ts';
import type { Peer } from './peers.ts';

export type Received = { readonly at: number; readonly bytes: Uint8Array };

/** One person's raw socket to one document. It holds no document: what it sends was encoded before. */
export type PersonSocket = {
  readonly document: string;
  /** A frame in the server's dialect, to be sent any number of times. */
  encode(frame: TextFrame): Uint8Array;
  decode(bytes: Uint8Array): Heard;
  send(bytes: Uint8Array): void;
  /** What came since this was asked last, with the time it came. */
  takeReceived(): readonly Received[];
  /** Frames that came in all. */
  readonly count: number;
  /** Called with each frame as it comes. */
  onFrame: ((received: Received) => void) | undefined;
  /** Resolves when it is closed. */
  close(): Promise<void>;
};

export type Place = { readonly document: string; readonly user: string };

/** The update that changes nothing. */
const NOTHING = Uint8Array.of(0, 0);

/**
 * Opens a document as a provider does: asks for everything, and answers when the server asks. Resolves when the
 * server's answer is there; at the relay, which gives none, when the socket is open.
 */
export async function openSocket(
  peer: Peer,
  server: ServerUnderTest,
  { document, user }: Place,
): Promise<PersonSocket> {
  const { dialect } = peer;
  const { host } = new URL(server.url);
  const webSocket = new WebSocket(`ws://${host}${peer.pathOf(document, user)}`, { perMessageDeflate: false });
  let received: Received[] = [];
  let isClosing = false;
  const encode = (frame: TextFrame) => encodeFrame(dialect, document, frame);
  const { promise: answered, resolve, reject } = Promise.withResolvers<undefined>();

  function handshake({ bytes }: Received): void {
    const heard = decodeFrame(dialect, bytes);
    if (heard.kind === 'asked') webSocket.send(encode({ kind: 'sync-step-2', update: NOTHING }));
    if (heard.kind === 'update' && heard.isReply) resolve(undefined);
  }

  const socket: PersonSocket = {
    document,
    encode,
    decode: (bytes) => decodeFrame(dialect, bytes),
    send: (bytes) => webSocket.send(bytes),
    takeReceived: () => {
      const taken = received;
      received = [];
      return taken;
    },
    count: 0,
    onFrame: undefined,
    close: async () => {
      isClosing = true;
      if (webSocket.readyState === webSocket.CLOSED) return;
      const closed = once(webSocket, 'close');
      webSocket.close();
      await closed;
    },
  };
  const counted = socket as { count: number };
  let isAnswered = dialect === 'bare';
  webSocket.on('message', (data) => {
    const frame = { at: performance.now(), bytes: data as Buffer };
    counted.count += 1;
    received.push(frame);
    if (!isAnswered || isQuestion(frame)) handshake(frame);
    socket.onFrame?.(frame);
  });
  // Nothing that is measured survives it.
  webSocket.on('error', reject);
  webSocket.on('close', (code) => {
    if (isClosing) return;
    const error = new Error(`${peer.title} closed a socket with ${code}`);
    reject(error);
    if (isAnswered) throw error;
  });
  await once(webSocket, 'open');
  if (dialect === 'bare') return socket;
  if (dialect === 'hocuspocus') webSocket.send(encodeToken(document, user));
  webSocket.send(encode({ kind: 'sync-step-1', stateVector: Uint8Array.of(0) }));
  await answered;
  isAnswered = true;
  return socket;

  /** Cheap: of those that come while people type, hardly any is one. */
  function isQuestion({ bytes }: Received): boolean {
    return dialect === 'y-websocket' && bytes[0] === 0 && bytes[1] === 0;
  }
}

const OPENINGS_AT_ONCE = 32;

/** Opens sockets for all of these, a few at a time; in their order. */
export async function openSockets(
  peer: Peer,
  server: ServerUnderTest,
  places: readonly Place[],
): Promise<PersonSocket[]> {
  const sockets: PersonSocket[] = [];
  const waiting = [...places.entries()];
  async function openNext(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, place] = next;
      sockets[index] = await openSocket(peer, server, place);
    }
  }
  await Promise.all(Array.from({ length: OPENINGS_AT_ONCE }, openNext));
  return sockets;
}

export async function closeSockets(sockets: readonly PersonSocket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.close()));
}
