import { encodeChannelFrame } from '@weft/client/protocol';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { openGreetedSession } from './rawSession.ts';
import { until } from './until.ts';

/** One end of an open text that sends whatever it is given. */
export type RawText = {
  send(frame: Uint8Array): void;
  /** Sends a text frame where the text's frames are binary. */
  sendText(text: string): void;
  /** Waits for the end of this text; resolves to the close code. */
  closed(): Promise<number>;
};

/** Opens the body of the note `n1` for a person. */
export type OpenRawText = (url: string, token: string) => Promise<RawText>;

const CHANNEL = 1;

/** As y-websocket does, on a socket of its own. */
export async function openRawStockText(url: string, token: string): Promise<RawText> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/yjs/note/n1/body?token=${token}`);
  let code: number | undefined;
  onTestFinished(() => socket.terminate());
  socket.on('close', (closeCode) => (code = closeCode));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    send: (frame) => socket.send(frame),
    sendText: (text) => socket.send(text),
    closed: () => until(() => code, { describe: 'the end of the socket' }),
  };
}

/** On a channel of a session. */
export async function openRawChannel(url: string, token: string): Promise<RawText> {
  const session = await openGreetedSession(url, token);
  session.send({ type: 'open-text', channel: CHANNEL, aggregate: 'note', id: 'n1', field: 'body' });
  await session.next('text-opened');
  return {
    send: (frame) => session.socket.send(encodeChannelFrame({ channel: CHANNEL, frame })),
    sendText: (text) => session.socket.send(text),
    closed: async () => (await session.next('text-closed', ({ channel }) => channel === CHANNEL)).code,
  };
}
