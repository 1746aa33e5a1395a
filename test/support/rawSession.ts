import {
  decodeChannelFrame,
  decodeDown,
  decodeTextFrame,
  type Down,
  encodeChannelFrame,
  encodeTextFrame,
  type TextFrame,
} from '@weft/client/protocol';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { until } from './until.ts';

type Message<Type extends Down['type']> = Extract<Down, { type: Type }>;

/** A client that speaks the session protocol by hand, with everything that it heard. */
export type RawSession = {
  readonly socket: WebSocket;
  /** Every message so far, oldest first. */
  readonly messages: readonly Down[];
  /** Every frame of a channel so far, oldest first. */
  framesOf(channel: number): readonly TextFrame[];
  /** A string is sent as it is. */
  send(message: object | string): void;
  sendFrame(channel: number, frame: TextFrame): void;
  /** Waits for the first message of a type that fits. */
  next<Type extends Down['type']>(
    type: Type,
    fits?: (message: Message<Type>) => boolean,
  ): Promise<Message<Type>>;
  /** Waits for the end; resolves to the close code. */
  closed(): Promise<number>;
};

/** Opens a session socket without a hello; it is cut off when the test has finished. */
export async function openRawSession(url: string): Promise<RawSession> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/weft?v=1`);
  const messages: Down[] = [];
  const frames: { channel: number; frame: TextFrame }[] = [];
  let code: number | undefined;
  onTestFinished(() => socket.terminate());
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) frames.push(readFrame(data));
    else messages.push(readMessage(data.toString()));
  });
  socket.on('close', (closeCode) => {
    code = closeCode;
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    socket,
    messages,
    framesOf: (channel) => frames.filter((entry) => entry.channel === channel).map(({ frame }) => frame),
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    sendFrame: (channel, frame) =>
      socket.send(encodeChannelFrame({ channel, frame: encodeTextFrame(frame) })),
    next: (type, fits = () => true) =>
      until(() => messages.filter(isOfType(type)).find(fits), { describe: `a message of type ${type}` }),
    closed: () => until(() => code, { describe: 'the end of the session' }),
  };
}

/** A session that was greeted. */
export async function openGreetedSession(url: string, token?: string): Promise<RawSession> {
  const session = await openRawSession(url);
  session.send({ type: 'hello', protocolVersion: 1, ...(token !== undefined && { token }) });
  await session.next('welcome');
  return session;
}

function isOfType<Type extends Down['type']>(type: Type) {
  return (message: Down): message is Message<Type> => message.type === type;
}

function readMessage(text: string): Down {
  const decoded = decodeDown(JSON.parse(text));
  if (!decoded.ok) throw new Error(`the server sent ${text}: ${decoded.error}`);
  return decoded.value;
}

function readFrame(bytes: Uint8Array): { channel: number; frame: TextFrame } {
  const channelFrame = decodeChannelFrame(bytes);
  const frame = channelFrame && decodeTextFrame(channelFrame.frame);
  if (!channelFrame || !frame) throw new Error('the server sent a frame that is none');
  return { channel: channelFrame.channel, frame };
}
