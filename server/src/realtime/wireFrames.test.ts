import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createToWire, MAX_COPIED_BYTES } from './wireFrames.ts';

it.each([0, 1, 125, 126, 127, 1000, MAX_COPIED_BYTES])(
  '[TXT1] a message of %i bytes is read as it is, between what ws sends',
  async (length) => {
    const toWire = createToWire();
    const message = Uint8Array.from({ length }, (_, index) => index % 251);
    const http = createServer();
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    http.on('upgrade', (request, stream, head) => {
      server.handleUpgrade(request, stream, head, (socket) => {
        socket.send('before');
        stream.write(toWire(message));
        stream.write(toWire(message));
        socket.send('after');
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const client = new WebSocket(`ws://127.0.0.1:${(http.address() as { port: number }).port}`);
    onTestFinished(() => {
      client.terminate();
      server.close();
      http.close();
    });
    const heard: string[] = [];
    client.on('message', (bytes: Buffer) => heard.push(bytes.toString('latin1')));
    await expect.poll(() => heard.length).toBe(4);
    const expected = Buffer.from(message).toString('latin1');
    expect(heard).toEqual(['before', expected, expected, 'after']);
  },
);

it('makes the frame of a message once for all who get it one after the other', () => {
  const toWire = createToWire();
  const [one, other] = [Uint8Array.of(1), Uint8Array.of(1)];
  expect(toWire(one)).toBe(toWire(one));
  expect(toWire(other)).not.toBe(toWire(one));
});
