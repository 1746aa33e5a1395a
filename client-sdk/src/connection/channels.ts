import type { ChannelFrame } from '../../protocol/channelFrame.ts';
import type { Report } from '../lifecycle/clientReport.ts';
import type { Connection } from './connection.ts';
import type { TextTarget } from './textTarget.ts';

/** What a client asks to open; `epoch` is that of what it has of it already. */
export type ChannelRequest = TextTarget & { readonly epoch: string | undefined };

/** What becomes of a channel. After `onClosed`, which may come at any time, nothing is called. */
export type ChannelHandlers = {
  readonly onOpened: (epoch: string) => void;
  /** One y-websocket frame, a view that is only good during the call. */
  readonly onFrame: (frame: Uint8Array) => void;
  readonly onClosed: (code: number, reason: string) => void;
};

/** One text's way over the session. Sending on a closed channel does nothing. */
export type Channel = {
  readonly send: (frame: Uint8Array) => void;
  /** Idempotent; `onClosed` is not called. */
  readonly close: () => void;
};

// What a WebSocket reports when its connection is gone without a close frame.
const CONNECTION_GONE = 1006;

/** The channels of one client's session: hands out their numbers and what comes for them. */
export class Channels {
  readonly #connection: Connection;
  readonly #report: Report;
  readonly #handlers = new Map<number, ChannelHandlers>();
  #lastChannel = 0;

  constructor(connection: Connection, report: Report) {
    this.#connection = connection;
    this.#report = report;
  }

  /** Only while the connection is online. */
  open(request: ChannelRequest, handlers: ChannelHandlers): Channel {
    // Numbers are never used again, so that what was sent to a closed channel reaches no other.
    const channel = ++this.#lastChannel;
    this.#handlers.set(channel, handlers);
    this.#connection.send({ type: 'open-text', channel, ...request });
    return {
      send: (frame) => {
        if (this.#handlers.has(channel)) this.#connection.sendFrame({ channel, frame });
      },
      close: () => {
        if (this.#handlers.delete(channel)) this.#connection.send({ type: 'close-text', channel });
      },
    };
  }

  receiveOpened(channel: number, epoch: string): void {
    this.#find(channel)?.onOpened(epoch);
  }

  receiveFrame({ channel, frame }: ChannelFrame): void {
    this.#find(channel)?.onFrame(frame);
  }

  receiveClosed(channel: number, { code, reason }: { code: number; reason: string }): void {
    const handlers = this.#find(channel);
    this.#handlers.delete(channel);
    handlers?.onClosed(code, reason);
  }

  /** The session is gone, and every channel with it. */
  dropAll(): void {
    const dropped = [...this.#handlers.values()];
    this.#handlers.clear();
    for (const handlers of dropped) handlers.onClosed(CONNECTION_GONE, 'the session ended');
  }

  #find(channel: number): ChannelHandlers | undefined {
    const handlers = this.#handlers.get(channel);
    const wasOpened = channel >= 1 && channel <= this.#lastChannel;
    if (!handlers && !wasOpened) {
      this.#report({ kind: 'invalid-message', detail: `there is no channel ${channel}` });
    }
    return handlers;
  }
}
