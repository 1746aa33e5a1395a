import type { ClientEnd, ServerEnd, SocketFrame } from '@weft/server/testing';
import type { WebSocketLike } from '../connection/webSocketLike.ts';
import type { Lane } from './traffic.ts';

export type MemorySocketOptions = {
  /** Reaches the server; undefined where there is no network. */
  readonly reach: (client: ClientEnd) => ServerEnd | undefined;
  readonly up: Lane;
  readonly down: Lane;
  readonly onFrame: (direction: 'sent' | 'received', data: SocketFrame) => void;
  /** Called once, when the client hears or brings about the end, before it hears of it. */
  readonly onEnd: (socket: MemorySocket) => void;
};

// What a browser reports for a socket that ended without a close frame.
const ABNORMAL_CLOSURE = 1006;

/** A client's socket to a server in the same process. Frames are copied, as a network would. */
export class MemorySocket implements WebSocketLike {
  binaryType: BinaryType = 'blob';
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onclose: WebSocketLike['onclose'] = null;
  onerror: WebSocketLike['onerror'] = null;
  readonly #options: MemorySocketOptions;
  #server: ServerEnd | undefined;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';

  constructor(options: MemorySocketOptions) {
    this.#options = options;
    options.up.push(() => this.#connect());
  }

  send(data: Parameters<WebSocketLike['send']>[0]): void {
    if (this.#state === 'connecting') throw new Error('the socket is not open yet');
    if (this.#state === 'closed') return;
    const frame = toFrame(data);
    this.#options.up.push(() => {
      this.#options.onFrame('sent', frame);
      this.#server?.receive(frame);
    });
  }

  /** What was sent still arrives. */
  close(): void {
    if (!this.#end()) return;
    this.#options.up.push(() => this.#server?.end());
  }

  /** The network is gone, and what is under way with it. Both sides hear of it. */
  cut(): void {
    this.#options.up.clear();
    this.#server?.end();
    this.#lose(ABNORMAL_CLOSURE, '');
  }

  #connect(): void {
    const { reach, down, onFrame } = this.#options;
    this.#server = reach({
      onFrame: (frame) => {
        down.push(() => {
          onFrame('received', frame);
          this.#receive(frame);
        });
      },
      onClose: (code, detail) => down.push(() => this.#lose(code, detail)),
    });
    if (this.#server) down.push(() => this.#open());
    else down.push(() => this.#lose(ABNORMAL_CLOSURE, ''));
  }

  #open(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.onopen?.call(this.#asWebSocket, new Event('open'));
  }

  #receive(frame: SocketFrame): void {
    if (this.#state !== 'open') return;
    const data = typeof frame === 'string' ? frame : frame.buffer;
    this.onmessage?.call(this.#asWebSocket, new MessageEvent('message', { data }));
  }

  #lose(code: number, reason: string): void {
    if (!this.#end()) return;
    const event = Object.assign(new Event('close'), { code, reason, wasClean: code !== ABNORMAL_CLOSURE });
    this.onclose?.call(this.#asWebSocket, event);
  }

  /** Whether it had not ended before. */
  #end(): boolean {
    if (this.#state === 'closed') return false;
    this.#state = 'closed';
    this.#options.down.clear();
    this.#options.onEnd(this);
    return true;
  }

  // The handlers' `this` is nothing that the client uses.
  get #asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }
}

function toFrame(data: Parameters<WebSocketLike['send']>[0]): SocketFrame {
  if (typeof data === 'string') return data;
  if (data instanceof Uint8Array) return new Uint8Array(data);
  throw new TypeError('a client sends text or bytes');
}
