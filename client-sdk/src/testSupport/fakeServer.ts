import { vi } from 'vitest';
import { decodeChannelFrame, encodeChannelFrame } from '../../protocol/channelFrame.ts';
import { decodeUp } from '../../protocol/messages/decodeUp.ts';
import type { Down } from '../../protocol/messages/down.ts';
import type { Up } from '../../protocol/messages/up.ts';
import { decodeTextFrame, encodeTextFrame, type TextFrame } from '../../protocol/textFrame.ts';
import type { User } from '../../protocol/user.ts';
import type { WebSocketLike } from '../connection/webSocketLike.ts';

export const ALICE: User = { id: 'alice', name: 'Alice' };
export const BOB: User = { id: 'bob', name: 'Bob' };

type OfType<Type extends Up['type']> = Extract<Up, { type: Type }>;
type SentFrame = { readonly channel: number; readonly frame: TextFrame; readonly bytes: Uint8Array };

/** The client's end of a socket, and what a test does at the other one. */
export class FakeSocket implements WebSocketLike {
  readonly url: string;
  binaryType: BinaryType = 'blob';
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onclose: WebSocketLike['onclose'] = null;
  onerror: WebSocketLike['onerror'] = null;
  isClosedByClient = false;
  /** In the order of arrival; each message is checked against the protocol. */
  readonly messages: Up[] = [];
  readonly frames: SentFrame[] = [];

  constructor(url: string) {
    this.url = url;
  }

  send(data: Parameters<WebSocketLike['send']>[0]): void {
    if (typeof data === 'string') this.#takeMessage(data);
    else if (data instanceof Uint8Array) this.#takeFrame(data);
    else throw new TypeError('the client sends text or bytes');
  }

  close(): void {
    this.isClosedByClient = true;
  }

  open(): void {
    this.onopen?.call(this.#asWebSocket, new Event('open'));
  }

  deliver(data: unknown): void {
    this.onmessage?.call(this.#asWebSocket, new MessageEvent('message', { data }));
  }

  lose(code: number, reason: string): void {
    this.onclose?.call(
      this.#asWebSocket,
      Object.assign(new Event('close'), { code, reason, wasClean: true }),
    );
  }

  get isListenedTo(): boolean {
    return this.onopen !== null || this.onmessage !== null || this.onclose !== null;
  }

  #takeMessage(text: string): void {
    const decoded = decodeUp(JSON.parse(text));
    if (!decoded.ok) throw new Error(`the client sent what is no message: ${text}: ${decoded.error}`);
    this.messages.push(decoded.value);
  }

  #takeFrame(data: Uint8Array): void {
    const decoded = decodeChannelFrame(data);
    const frame = decoded && decodeTextFrame(decoded.frame);
    if (!frame) throw new Error('the client sent what is no frame');
    this.frames.push({ channel: decoded.channel, frame, bytes: decoded.frame });
  }

  // The handlers' `this` is nothing that the client uses.
  get #asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }
}

export type FakeServer = ReturnType<typeof createFakeServer>;

/** Plays the server by hand: what a test does not say is not said. */
export function createFakeServer() {
  const sockets: FakeSocket[] = [];
  const taken = new Set<Up>();

  function newest(): FakeSocket {
    const socket = sockets.at(-1);
    if (!socket) throw new Error('the client has opened no socket');
    return socket;
  }

  function say(message: Down): void {
    newest().deliver(JSON.stringify(message));
  }

  return {
    sockets,
    createSocket: (url: string): WebSocketLike => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket;
    },
    /** The socket that was opened last. */
    get socket(): FakeSocket {
      return newest();
    },
    /** Waits for a number of sockets in all, opens the last and welcomes the client. */
    accept: async ({
      attempt = 1,
      user = ALICE,
    }: { attempt?: number; user?: User } = {}): Promise<FakeSocket> => {
      const check = () => {
        if (sockets.length < attempt) throw new Error(`there are ${sockets.length} sockets, not ${attempt}`);
      };
      await vi.waitFor(check, { interval: 1 });
      newest().open();
      say({ type: 'welcome', protocolVersion: 1, sessionId: `session-${attempt}`, user });
      return newest();
    },
    say,
    sayRaw: (data: unknown): void => newest().deliver(data),
    sayFrame: (channel: number, frame: TextFrame): void => {
      const bytes = encodeChannelFrame({ channel, frame: encodeTextFrame(frame) });
      newest().deliver(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    },
    lose: (code = 1006, reason = ''): void => newest().lose(code, reason),
    /** Every message of a type on the newest socket, also those that were taken. */
    all: <Type extends Up['type']>(type: Type): OfType<Type>[] =>
      newest().messages.filter((message): message is OfType<Type> => message.type === type),
    /** The oldest message of a type on the newest socket that was not taken yet. */
    take: <Type extends Up['type']>(type: Type): OfType<Type> => {
      const message = newest().messages.find(
        (candidate): candidate is OfType<Type> => candidate.type === type && !taken.has(candidate),
      );
      if (!message) throw new Error(`the client sent no further '${type}'`);
      taken.add(message);
      return message;
    },
  };
}
