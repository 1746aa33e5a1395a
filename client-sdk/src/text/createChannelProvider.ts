import type { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';
import { type ChannelHost, ChannelSocket } from '../connection/channelSocket.ts';

export type ChannelProviderOptions = {
  /** Names the text in messages to people; nothing is addressed by it. */
  readonly name: string;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly host: ChannelHost;
};

/**
 * y-websocket's own provider, over a channel. It asks for a new socket as soon as one is closed, and the socket is
 * what waits. Ended by `endChannelProvider`.
 */
export function createChannelProvider({
  name,
  doc,
  awareness,
  host,
}: ChannelProviderOptions): WebsocketProvider {
  class Socket extends ChannelSocket {
    constructor() {
      super(host);
    }
  }
  const provider = new WebsocketProvider('weft:', name, doc, {
    awareness,
    disableBc: true,
    maxBackoffTime: 0,
    // A channel socket has what the provider uses of a WebSocket, which is a small part of what one is.
    WebSocketPolyfill: Socket as unknown as typeof WebSocket,
  });
  // The provider's watch takes half a minute without a message for a dead socket. The session watches over its own,
  // and a quiet text is no dead one.
  clearInterval(provider._checkInterval as number);
  // Node warns of a leak at the eleventh text; and at exit the end of the session tells the others anyway.
  const { process } = globalThis as { process?: { off?: (event: 'exit', listener: () => void) => void } };
  process?.off?.('exit', provider._exitHandler);
  return provider;
}

export function endChannelProvider(provider: WebsocketProvider): void {
  // Closing a socket the provider would set a timer that nobody stops: it must find none.
  const socket = provider.ws;
  provider.ws = null;
  if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
  socket?.close();
  provider.destroy();
}
