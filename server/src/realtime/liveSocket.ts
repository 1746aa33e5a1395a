import {
  CLOSE_CODES,
  type CloseReason,
  MAX_BUFFERED_BYTES,
  PING_INTERVAL_MS,
  SILENCE_TIMEOUT_MS,
} from '@weft/client/protocol';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../lifecycle/clock.ts';
import { createDisposables } from '../lifecycle/disposables.ts';

/** One socket, kept alive and kept from holding more than it may. Sending after the end does nothing. */
export type LiveSocket = {
  send(frame: string | Uint8Array): void;
  /** Idempotent. `detail` goes to the client. */
  close(reason: CloseReason, detail: string): void;
  /** Stops reading, so that the other side feels it. */
  pause(): void;
  resume(): void;
};

export type LiveSocketHandlers = {
  readonly onText: (text: string) => void;
  readonly onBinary: (bytes: Uint8Array) => void;
  /** Called once, however the socket ended. */
  readonly onClose: () => void;
};

// A peer that does not answer the close frame keeps its buffers until it is cut off.
const CLOSE_GRACE_MS = 2_000;
const MAX_CLOSE_REASON_BYTES = 123;

export function openLiveSocket(socket: WebSocket, clock: Clock, handlers: LiveSocketHandlers): LiveSocket {
  const disposables = createDisposables();
  let lastHeard = clock.now();
  let cancelPing = scheduleCheck();
  disposables.add(() => cancelPing());

  function scheduleCheck(): () => void {
    return clock.after(PING_INTERVAL_MS, () => {
      if (clock.now() - lastHeard > SILENCE_TIMEOUT_MS)
        return close('idle', 'nothing was heard for too long');
      socket.ping();
      cancelPing = scheduleCheck();
    });
  }

  function close(reason: CloseReason, detail: string): void {
    if (socket.readyState !== socket.OPEN) return;
    socket.close(CLOSE_CODES[reason], Buffer.from(detail).subarray(0, MAX_CLOSE_REASON_BYTES).toString());
    disposables.add(clock.after(CLOSE_GRACE_MS, () => socket.terminate()));
  }

  socket.on('pong', () => {
    lastHeard = clock.now();
  });
  socket.on('message', (data, isBinary) => {
    lastHeard = clock.now();
    // What was still on its way when the socket was closed is no longer wanted.
    if (socket.readyState !== socket.OPEN) return;
    const bytes = toBytes(data);
    if (isBinary) handlers.onBinary(bytes);
    else handlers.onText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  });
  // ws closes the socket itself after an error, such as a frame that breaks the protocol; 'close' follows.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    disposables.dispose();
    handlers.onClose();
  });

  return {
    send: (frame) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES)
        return close('unavailable', 'too much waits to be read');
      socket.send(frame);
    },
    close,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
