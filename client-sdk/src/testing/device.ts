import type { ClientEnd, ServerEnd, SocketFrame } from '@weft/server/testing';
import type { WebSocketLike } from '../connection/webSocketLike.ts';
import { type MemoryStorage, memoryStorage } from '../offline/memoryStorage.ts';
import { MemorySocket } from './memorySocket.ts';
import type { Traffic } from './traffic.ts';

/** One machine in a world, whose pages share one way to the server, and what is kept. */
export type Device = {
  readonly storage: MemoryStorage;
  createSocket(): WebSocketLike;
  goOffline(): void;
  goOnline(): void;
  /** Calls back whenever the network comes back. */
  onBack(listener: () => void): void;
  /** Nothing gets through, either way, until `release`; what is under way waits. Idempotent. */
  hold(): void;
  release(): void;
};

export type DeviceOptions = {
  readonly traffic: Traffic;
  readonly openSession: (client: ClientEnd) => ServerEnd;
  readonly onFrame: (direction: 'sent' | 'received', data: SocketFrame) => void;
};

export function createDevice({ traffic, openSession, onFrame }: DeviceOptions): Device {
  const sockets = new Set<MemorySocket>();
  const listeners: (() => void)[] = [];
  let isOnline = true;
  let isHeld = false;

  return {
    storage: memoryStorage(),
    createSocket: () => {
      const socket = new MemorySocket({
        reach: (client) => (isOnline ? openSession(client) : undefined),
        up: traffic.createLane(() => isHeld),
        down: traffic.createLane(() => isHeld),
        onFrame: (direction, data) => {
          if (endsText(data)) traffic.passTimers();
          onFrame(direction, data);
        },
        onEnd: () => {
          sockets.delete(socket);
          // With the session end its texts.
          traffic.passTimers();
        },
      });
      sockets.add(socket);
      return socket;
    },
    goOffline: () => {
      isOnline = false;
      for (const socket of [...sockets]) socket.cut();
    },
    goOnline: () => {
      if (isOnline) return;
      isOnline = true;
      for (const listener of listeners) listener();
    },
    onBack: (listener) => {
      listeners.push(listener);
    },
    hold: () => {
      isHeld = true;
    },
    release: () => {
      isHeld = false;
      traffic.wake();
    },
  };
}

/** y-websocket asks for a text that has ended again by a timer of the process. */
function endsText(data: SocketFrame): boolean {
  return typeof data === 'string' && data.startsWith('{"type":"text-closed"');
}
