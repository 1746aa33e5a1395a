import { CLOSE_CODES, type CloseReason } from '@weft/client/protocol';
import type { RealtimeServices } from '../realtime/services.ts';
import { createSession } from '../realtime/session.ts';

/** Text as a string, anything else as bytes. */
export type SocketFrame = string | Uint8Array<ArrayBuffer>;

/** What the server does to the other end of a socket. Called at once; whoever is called brings it there. */
export type ClientEnd = {
  /** Bytes are the receiver's own. */
  onFrame(frame: SocketFrame): void;
  /** Called once where the server closes the socket; nothing comes after it. */
  onClose(code: number, detail: string): void;
};

/** The server's end of a socket. */
export type ServerEnd = {
  /** The frame is read when the server is ready for it. Bytes are the server's from now on. */
  receive(frame: SocketFrame): void;
  /** The socket is gone, whoever closed it. Idempotent. */
  end(): void;
};

/** A server's end that the server can close itself. */
export type InProcessSocket = ServerEnd & { close(reason: CloseReason, detail: string): void };

/** Serves a session over a socket that is two objects. */
export function openInProcessSocket(services: RealtimeServices, client: ClientEnd): InProcessSocket {
  const unread: SocketFrame[] = [];
  let isOpen = true;
  let isPaused = false;

  function end(): void {
    if (!isOpen) return;
    isOpen = false;
    unread.length = 0;
    // As with a socket: not while the session still does what led to it.
    queueMicrotask(() => session.end());
  }

  function close(reason: CloseReason, detail: string): void {
    if (!isOpen) return;
    end();
    client.onClose(CLOSE_CODES[reason], detail);
  }

  function resume(): void {
    isPaused = false;
    while (!isPaused) {
      const next = unread.shift();
      if (next === undefined) return;
      handOver(next);
    }
  }

  function handOver(frame: SocketFrame): void {
    if (typeof frame === 'string') session.receiveText(frame);
    else session.receiveBinary(frame);
  }

  const session = createSession(services, {
    sendMessage: (message) => {
      if (isOpen) client.onFrame(JSON.stringify(message));
    },
    sendBinary: (frame) => {
      // It may be sent to others as well, and be part of something larger.
      if (isOpen) client.onFrame(new Uint8Array(frame));
    },
    close,
    pause: () => {
      isPaused = true;
    },
    resume,
  });

  return {
    receive: (frame) => {
      if (!isOpen) return;
      if (isPaused) unread.push(frame);
      else handOver(frame);
    },
    end,
    close,
  };
}
