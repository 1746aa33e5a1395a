import { CLOSE_CODES, MAX_BUFFERED_BYTES, PING_INTERVAL_MS } from '@weft/client/protocol';
import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import type { Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { createManualClock } from '../../../client-sdk/src/testSupport/manualClock.ts';
import { openLiveSocket } from './liveSocket.ts';
import { createToWire } from './wireFrames.ts';

const MIB = 1024 * 1024;

/** A socket whose other end takes only as much as it is told to, and answers no ping. */
class SlowSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  isPaused = false;
  pings = 0;
  closedWith: number | undefined;
  isTerminated = false;
  readonly #waiting: { readonly bytes: number; readonly onSent: (() => void) | undefined }[] = [];

  get bufferedAmount(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  send(frame: Uint8Array, onSent?: () => void): void {
    this.#waiting.push({ bytes: frame.byteLength, onSent });
  }

  /** The other end takes the oldest frames. */
  take(frames: number): void {
    for (const { onSent } of this.#waiting.splice(0, frames)) onSent?.();
  }

  /** The other end takes everything, and nobody is told. */
  drop(): void {
    this.#waiting.length = 0;
  }

  ping(): void {
    this.pings++;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(code: number): void {
    this.readyState = 2;
    this.closedWith = code;
  }

  terminate(): void {
    this.isTerminated = true;
    this.readyState = 3;
    this.emit('close');
  }
}

function setUp({ onText }: { onText?: (text: string) => void } = {}) {
  const socket = new SlowSocket();
  const clock = createManualClock();
  const heard: string[] = [];
  let ends = 0;
  // The parts of ws' socket that are used, and of what is below it.
  const webSocket = socket as unknown as WebSocket;
  const write = (wire: Uint8Array, onSent?: () => void) => (socket.send(wire, onSent), true);
  const stream = { write: write as Writable['write'] };
  const live = openLiveSocket(
    { socket: webSocket, stream, toWire: createToWire(), clock },
    {
      onText: onText ?? ((text) => heard.push(text)),
      onBinary: () => undefined,
      onClose: () => ends++,
    },
  );
  const sendMiB = (count = 1) => live.send(new Uint8Array(count * MIB));
  return { socket, clock, live, heard, sendMiB, ends: () => ends };
}

it('[TXT19] reads nothing while more than 1 MiB waits, and reads on when it has gone', () => {
  const { socket, sendMiB } = setUp();
  sendMiB();
  expect(socket.isPaused).toBe(false);
  sendMiB();
  sendMiB();
  expect(socket.isPaused).toBe(true);
  socket.take(1);
  expect(socket.isPaused).toBe(true);
  socket.take(1);
  expect(socket.isPaused).toBe(false);
  socket.take(1);
  sendMiB(2);
  expect(socket.isPaused).toBe(true);
});

it('[TXT19] reads nothing while many small frames wait, and reads on when they have gone', () => {
  const { socket, live } = setUp();
  for (let sent = 0; sent < 100; sent++) live.send(new Uint8Array(12 * 1024));
  expect(socket.isPaused).toBe(true);
  socket.take(60);
  expect(socket.isPaused).toBe(false);
});

it('[TXT19] reads only when its owner wants it and little waits, whichever comes first', () => {
  const { socket, live, sendMiB } = setUp();
  live.pause();
  sendMiB(2);
  live.pause();
  live.resume();
  expect(socket.isPaused).toBe(true);
  socket.take(1);
  expect(socket.isPaused).toBe(false);

  sendMiB(2);
  live.pause();
  socket.take(1);
  expect(socket.isPaused).toBe(true);
  live.resume();
  expect(socket.isPaused).toBe(false);
  // What is resumed twice is not paused less the next time.
  live.resume();
  live.pause();
  expect(socket.isPaused).toBe(true);
});

it('[TXT19] sends away with 4503 whoever lets more wait than the cap, and sends nothing more', () => {
  const { socket, clock, sendMiB, ends } = setUp();
  for (let sent = 0; sent <= MAX_BUFFERED_BYTES / MIB; sent++) sendMiB();
  expect(socket.closedWith).toBeUndefined();
  sendMiB();
  expect(socket.closedWith).toBe(CLOSE_CODES.unavailable);
  expect(socket.bufferedAmount).toBe(MAX_BUFFERED_BYTES + MIB);
  // The answer to the close frame must be read.
  expect(socket.isPaused).toBe(false);
  clock.advance(2_000);
  expect([socket.isTerminated, ends(), clock.timers]).toEqual([true, 1, 0]);
});

it('[TXT19] [SES9] takes what a slow reader takes as a sign of life, and its end as none', () => {
  const { socket, clock, sendMiB } = setUp();
  for (let frame = 0; frame < 12; frame++) sendMiB();
  for (let frame = 0; frame < 6; frame++) {
    clock.advance(PING_INTERVAL_MS);
    socket.take(1);
  }
  expect(socket.closedWith).toBeUndefined();
  clock.advance(3 * PING_INTERVAL_MS);
  expect(socket.closedWith).toBe(CLOSE_CODES.idle);
});

it('[SES9] closes a half-open socket, which answers nothing', () => {
  const { socket, clock, ends } = setUp();
  clock.advance(2 * PING_INTERVAL_MS);
  expect([socket.pings, socket.closedWith]).toEqual([2, undefined]);
  clock.advance(PING_INTERVAL_MS);
  expect(socket.closedWith).toBe(CLOSE_CODES.idle);
  clock.advance(2_000);
  expect([socket.isTerminated, ends(), clock.timers]).toEqual([true, 1, 0]);
});

it('[SES9] does not call silent whom its owner does not listen to', () => {
  const { socket, clock, live } = setUp();
  live.pause();
  clock.advance(10 * PING_INTERVAL_MS);
  expect(socket.closedWith).toBeUndefined();
  live.resume();
  clock.advance(2 * PING_INTERVAL_MS);
  expect(socket.closedWith).toBeUndefined();
  clock.advance(PING_INTERVAL_MS);
  expect(socket.closedWith).toBe(CLOSE_CODES.idle);
});

it('[TXT19] hands over nothing while it is paused, then everything in order, and nothing after its end', () => {
  const { socket, live, heard, sendMiB } = setUp();
  const say = (text: string) => socket.emit('message', Buffer.from(text), false);
  live.pause();
  for (const text of ['a', 'b', 'c']) say(text);
  expect(heard).toEqual([]);
  live.resume();
  say('d');
  expect(heard).toEqual(['a', 'b', 'c', 'd']);

  sendMiB(2);
  say('e');
  expect(heard).toHaveLength(4);
  live.close('internal', 'over');
  say('f');
  socket.take(1);
  expect(heard).toHaveLength(4);
});

it('[TXT19] [TXT20] lets more wait beside a text that is larger than the cap, until that is read', () => {
  const { socket, live, sendMiB } = setUp();
  live.send(new Uint8Array(40 * MIB));
  sendMiB(2);
  expect(socket.closedWith).toBeUndefined();
  while (socket.bufferedAmount > 0) socket.take(1);
  for (let sent = 0; sent < 34; sent++) sendMiB(1);
  expect(socket.closedWith).toBe(CLOSE_CODES.unavailable);
});

it('[TXT19] lets no more wait than ever once a larger text is gone, where only small frames follow', () => {
  const { socket, live, sendMiB } = setUp();
  live.send(new Uint8Array(40 * MIB));
  live.send(new Uint8Array(1024));
  // As where the last frame to leave had nobody to tell.
  socket.drop();
  live.send(new Uint8Array(1024));
  for (let sent = 0; sent < 34; sent++) sendMiB(1);
  expect(socket.closedWith).toBe(CLOSE_CODES.unavailable);
});

it('[TXT19] hands over one message at a time where each is answered with much', () => {
  const answered: string[] = [];
  const { socket, live } = setUp({
    onText: (text) => {
      answered.push(text);
      live.send(new Uint8Array(20 * MIB));
    },
  });
  for (const text of ['a', 'b', 'c']) socket.emit('message', Buffer.from(text), false);
  expect(answered).toEqual(['a']);
  socket.take(1);
  expect(answered).toEqual(['a', 'b']);
  expect(socket.isPaused).toBe(true);
  socket.take(1);
  socket.take(1);
  expect(answered).toEqual(['a', 'b', 'c']);
  expect([socket.isPaused, socket.closedWith]).toEqual([false, undefined]);
});
