import {
  CLOSE_CODES,
  type CloseReason,
  MAX_BUFFERED_BYTES,
  PING_INTERVAL_MS,
  SILENCE_TIMEOUT_MS,
} from '@weft/client/protocol';
import type { Writable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../lifecycle/clock.ts';
import { createDisposables } from '../lifecycle/disposables.ts';
import { MAX_COPIED_BYTES, type ToWire } from './wireFrames.ts';

/**
 * One socket, kept alive and kept from holding more than it may: while much waits to be sent it is not read, and
 * whoever lets more wait than `MAX_BUFFERED_BYTES` is sent away. Sending after the end does nothing.
 */
export type LiveSocket = {
  send(frame: string | Uint8Array): void;
  /** Idempotent. `detail` goes to the client. */
  close(reason: CloseReason, detail: string): void;
  /** Stops reading, so that the other side feels it: nothing more is handed over. Idempotent. */
  pause(): void;
  /** Reads on, unless too much waits to be sent. May hand over messages before it returns. Idempotent. */
  resume(): void;
};

export type LiveSocketHandlers = {
  readonly onText: (text: string) => void;
  readonly onBinary: (bytes: Uint8Array) => void;
  /** Called once, however the socket ended. */
  readonly onClose: () => void;
};

/** Begins to listen to a socket that somebody opened. */
export type OpenLiveSocket = (handlers: LiveSocketHandlers) => LiveSocket;

/** Bytes that may wait to be sent before nothing more is read: each thing that is read may be answered with more. */
const MAX_UNSENT_WHILE_READING = 1024 * 1024;

// A peer that does not answer the close frame keeps its buffers until it is cut off.
const CLOSE_GRACE_MS = 2_000;
const MAX_CLOSE_REASON_BYTES = 123;

/** Why a socket is not read: its owner asked for it, or too much waits to be sent. */
type Hold = 'owner' | 'unsent';

type Message = { readonly bytes: Uint8Array; readonly isBinary: boolean };

export type LiveSocketOptions = {
  readonly socket: WebSocket;
  /** What the socket's frames are written to, none of them compressed. */
  readonly stream: Pick<Writable, 'write'>;
  readonly toWire: ToWire;
  readonly clock: Clock;
};

export function openLiveSocket(
  { socket, stream, toWire, clock }: LiveSocketOptions,
  handlers: LiveSocketHandlers,
): LiveSocket {
  const disposables = createDisposables();
  let lastHeard = clock.now();
  const holds = new Set<Hold>();
  // What came in one piece with the message that led to the hold: no more than a piece of TCP holds.
  const unread: Message[] = [];
  // A text that is larger than what may wait has to be sent all the same, and may be read as slowly as any.
  let oversize = 0;
  let cancelPing = scheduleCheck();
  disposables.add(() => cancelPing());

  function scheduleCheck(): () => void {
    return clock.after(PING_INTERVAL_MS, () => {
      // Nobody is heard while the owner does not listen.
      if (!holds.has('owner') && clock.now() - lastHeard > SILENCE_TIMEOUT_MS)
        return close('idle', 'nothing was heard for too long');
      socket.ping();
      cancelPing = scheduleCheck();
    });
  }

  function hold(reason: Hold): void {
    if (socket.readyState !== socket.OPEN) return;
    holds.add(reason);
    socket.pause();
  }

  function release(reason: Hold): void {
    if (!holds.delete(reason) || holds.size > 0) return;
    lastHeard = clock.now();
    while (holds.size === 0) {
      const next = unread.shift();
      if (!next) return socket.resume();
      handOver(next);
    }
  }

  function handOver({ bytes, isBinary }: Message): void {
    // What was still on its way when the socket was closed is no longer wanted.
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) handlers.onBinary(bytes);
    else handlers.onText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  }

  function close(reason: CloseReason, detail: string): void {
    if (socket.readyState !== socket.OPEN) return;
    socket.close(CLOSE_CODES[reason], Buffer.from(detail).subarray(0, MAX_CLOSE_REASON_BYTES).toString());
    disposables.add(clock.after(CLOSE_GRACE_MS, () => socket.terminate()));
    // Else the answer to the close frame would not be read.
    holds.clear();
    unread.length = 0;
    socket.resume();
  }

  /** A frame has left the buffer. */
  function onSent(): void {
    if (!holds.has('unsent')) return;
    // Who is not read shows by taking what waits that they are still there.
    lastHeard = clock.now();
    if (socket.bufferedAmount <= MAX_UNSENT_WHILE_READING) release('unsent');
  }

  /** An error is followed by 'close', and then there is nobody to hold. */
  function write(frame: string | Uint8Array): void {
    // ws makes a frame anew for everyone it goes to, in two pieces, which takes a third of a broadcast's time.
    if (typeof frame === 'string' || frame.length > MAX_COPIED_BYTES) socket.send(frame, onSent);
    else if (socket.bufferedAmount < MAX_UNSENT_WHILE_READING / 2) stream.write(toWire(frame));
    else stream.write(toWire(frame), onSent);
  }

  socket.on('pong', () => {
    lastHeard = clock.now();
  });
  socket.on('message', (data, isBinary) => {
    lastHeard = clock.now();
    const message = { bytes: toBytes(data), isBinary };
    if (holds.size > 0) unread.push(message);
    else handOver(message);
  });
  // ws closes the socket itself after an error, such as a frame that breaks the protocol; 'close' follows.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    holds.clear();
    unread.length = 0;
    disposables.dispose();
    handlers.onClose();
  });

  return {
    send: (frame) => {
      if (socket.readyState !== socket.OPEN) return;
      // A frame that is larger is no longer among what waits.
      if (socket.bufferedAmount <= MAX_UNSENT_WHILE_READING) oversize = 0;
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES + oversize)
        return close('unavailable', 'too much waits to be read');
      if (frame.length > MAX_BUFFERED_BYTES) oversize = Math.max(oversize, frame.length);
      write(frame);
      if (socket.bufferedAmount > MAX_UNSENT_WHILE_READING) hold('unsent');
    },
    close,
    pause: () => hold('owner'),
    resume: () => release('owner'),
  };
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
