import * as decoding from 'lib0/decoding';
import { applyAwarenessUpdate, type Awareness, modifyAwarenessUpdate } from 'y-protocols/awareness';
import { messageAwareness, WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';
import { type ChannelHost, ChannelSocket } from '../connection/channelSocket.ts';
import type { TextTarget } from '../connection/textTarget.ts';
import { toCheckedState } from './checkedState.ts';

export type ChannelProviderOptions = {
  readonly target: TextTarget;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly host: ChannelHost;
};

/**
 * y-websocket's own provider, over a channel. It asks for a new socket as soon as one is closed, and the socket is
 * what waits. Ended by `endChannelProvider`.
 */
export function createChannelProvider({
  target: { aggregate, id, field },
  doc,
  awareness,
  host,
}: ChannelProviderOptions): WebsocketProvider {
  class Socket extends ChannelSocket {
    constructor() {
      super(host);
    }
  }
  // The name is for messages to people; nothing is addressed by it.
  const provider = new WebsocketProvider('weft:', `${aggregate}/${id}/${field}`, doc, {
    awareness,
    disableBc: true,
    maxBackoffTime: 0,
    // A channel socket has what the provider uses of a WebSocket, which is a small part of what one is.
    WebSocketPolyfill: Socket as unknown as typeof WebSocket,
  });
  // The provider's watch takes half a minute without a message for a dead socket. The session watches over its own,
  // and a quiet text is no dead one.
  clearInterval(provider._checkInterval as number);
  // What others say of themselves is checked before anybody reads it.
  provider.messageHandlers[messageAwareness] = (_encoder, decoder) => {
    const states = decoding.readVarUint8Array(decoder);
    const checked = modifyAwarenessUpdate(states, (state) => toCheckedState(state, field));
    applyAwarenessUpdate(awareness, checked, provider);
  };
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
