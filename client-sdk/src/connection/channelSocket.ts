import { CLOSE_CODES } from '../../protocol/closeCodes.ts';
import { MAX_TEXT_FRAME_BYTES } from '../../protocol/limits.ts';
import { decodeTextFrame, type TextFrame } from '../../protocol/textFrame.ts';
import type { Channel, ChannelHandlers } from './channels.ts';

/** What a channel socket asks of, and tells to, whoever owns the text. */
export type ChannelHost = {
  /** Calls back once, as soon as a channel may be opened. Returns what stops waiting. */
  readonly whenMayOpen: (callback: () => void) => () => void;
  readonly openChannel: (handlers: ChannelHandlers) => Channel;
  readonly onOpened: (epoch: string) => void;
  readonly onClosed: (code: number) => void;
  /** Called before the frame is sent. */
  readonly onSending: (kind: TextFrame['kind']) => void;
  /** Called after the frame was handled. */
  readonly onReceived: (frame: TextFrame) => void;
  readonly onNonsense: (detail: string) => void;
};

type Handler<Event> = ((event: Event) => void) | null;
type CloseInfo = { readonly code: number; readonly reason: string };

// A varuint of at most this many bytes is written before the frame.
const MAX_CHANNEL_BYTES = 5;
const NORMAL_CLOSURE = 1000;

/**
 * A channel that looks like a WebSocket, as far as y-websocket's provider looks: its constants, its handlers, and a
 * state that stays CONNECTING until the server has opened the channel, however long that takes.
 */
export class ChannelSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = ChannelSocket.CONNECTING;
  readonly OPEN = ChannelSocket.OPEN;
  readonly CLOSING = ChannelSocket.CLOSING;
  readonly CLOSED = ChannelSocket.CLOSED;

  readyState: number = ChannelSocket.CONNECTING;
  /** Written by the provider; messages are bytes whatever it says. */
  binaryType = 'arraybuffer';
  onopen: Handler<object> = null;
  onmessage: Handler<{ readonly data: Uint8Array }> = null;
  onclose: Handler<CloseInfo> = null;
  onerror: Handler<object> = null;

  readonly #host: ChannelHost;
  #channel: Channel | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(host: ChannelHost) {
    this.#host = host;
    // The handlers are set after the constructor returns.
    queueMicrotask(() => this.#wait());
  }

  send(data: Uint8Array): void {
    if (this.readyState !== ChannelSocket.OPEN) return;
    const frame = decodeTextFrame(data);
    if (!frame) return this.#host.onNonsense('the provider sent a frame that the protocol does not know');
    if (data.byteLength + MAX_CHANNEL_BYTES > MAX_TEXT_FRAME_BYTES) return this.#refuse();
    this.#host.onSending(frame.kind);
    this.#channel?.send(data);
  }

  close(): void {
    if (this.#end(NORMAL_CLOSURE)) this.#announceClose({ code: NORMAL_CLOSURE, reason: '' });
  }

  #wait(): void {
    if (this.readyState !== ChannelSocket.CONNECTING) return;
    this.#stopWaiting = this.#host.whenMayOpen(() => {
      this.#channel = this.#host.openChannel({
        onOpened: (epoch) => this.#open(epoch),
        onFrame: (bytes) => this.#receive(bytes),
        onClosed: (code, reason) => {
          if (this.#end(code)) this.onclose?.({ code, reason });
        },
      });
    });
  }

  #open(epoch: string): void {
    if (this.readyState !== ChannelSocket.CONNECTING) return;
    this.readyState = ChannelSocket.OPEN;
    this.#host.onOpened(epoch);
    this.onopen?.({});
  }

  #receive(bytes: Uint8Array): void {
    const frame = decodeTextFrame(bytes);
    if (!frame || this.readyState !== ChannelSocket.OPEN) {
      return this.#host.onNonsense('a frame of a text that the protocol does not know');
    }
    try {
      // What is saved is ours; the provider would complain about it. The view is exact, and is copied by its reader.
      if (frame.kind !== 'saved') this.onmessage?.({ data: bytes });
    } catch (error) {
      return this.#host.onNonsense(`a frame of a text could not be read: ${String(error)}`);
    }
    this.#host.onReceived(frame);
  }

  /** The server would end the whole session over such a frame. */
  #refuse(): void {
    const code = CLOSE_CODES['too-big'];
    if (this.#end(code)) this.#announceClose({ code, reason: 'the text is too big to be sent' });
  }

  #announceClose(info: CloseInfo): void {
    queueMicrotask(() => this.onclose?.(info));
  }

  /** Whether it was not closed before. */
  #end(code: number): boolean {
    if (this.readyState === ChannelSocket.CLOSED) return false;
    this.readyState = ChannelSocket.CLOSED;
    this.#stopWaiting?.();
    this.#channel?.close();
    this.#host.onClosed(code);
    return true;
  }
}
