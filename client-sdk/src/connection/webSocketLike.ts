/** What the client needs of a socket; the global `WebSocket` has it. */
export type WebSocketLike = Pick<
  WebSocket,
  'binaryType' | 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'
>;
