import { encodeChannelFrame, encodeTextFrame, type TextFrame } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { call } from '../support/httpClient.ts';
import { createSeededRandom, type SeededRandom } from '../support/seededRandom.ts';
import { openStockText } from '../support/stockTextClient.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

const SOCKETS = 300;
const MOST_FRAMES_PER_SOCKET = 8;

/** Frames of a client that does nothing wrong. */
function listGoodFrames(): Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const body = doc.getText('body');
  body.insert(0, 'some text to begin with');
  body.insert(4, ' more', { bold: true });
  body.delete(2, 6);
  body.insertEmbed(1, { image: 'x' });
  const frames: TextFrame[] = [
    ...updates.map((update): TextFrame => ({ kind: 'update', update })),
    { kind: 'sync-step-2', update: Y.encodeStateAsUpdate(doc) },
    { kind: 'sync-step-1', stateVector: Y.encodeStateVector(doc) },
    { kind: 'awareness', states: new Uint8Array([1, 200, 1, 3, 7, ...Buffer.from('{"a":1}')]) },
    { kind: 'query-awareness' },
  ];
  return frames.map(encodeTextFrame);
}

const GREETING = [
  '{"type":"hello","protocolVersion":1}',
  '{"type":"open-text","channel":1,"aggregate":"note","id":"n1","field":"body"}',
];

const JSON_FRAMES = [
  '{"type":"subscribe","aggregate":"note","id":"n1"}',
  '{"type":"open-text","channel":2,"aggregate":"note","id":"n1","field":"body"}',
  '{"type":"command","key":"k","aggregate":"note","id":"n1","command":{"kind":"change","patch":{"priority":1}}}',
  '{"type":"close-text","channel":2}',
];

/** Changes, cuts, repeats or lengthens a frame in a few places, or leaves it as it is. */
function mutate(frame: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = [...frame];
  const times = Math.max(0, random.integer(9) - 5);
  for (let time = 0; time < times; time++) {
    const at = random.integer(bytes.length + 1);
    const change = random.integer(4);
    if (change === 0) bytes[at] = random.integer(256);
    if (change === 1) bytes.splice(at, random.integer(5));
    if (change === 2) bytes.splice(at, 0, random.oneOf([0, 1, 0x7f, 0x80, 0xff]));
    if (change === 3) bytes.splice(at, 0, ...bytes.slice(0, at));
  }
  return Uint8Array.from(bytes.slice(0, 4_096));
}

type Pester = {
  readonly url: string;
  /** What makes the other end listen. */
  readonly greeting: readonly string[];
  readonly nextFrame: () => Uint8Array | string;
};

/** Sends some frames to a server, and says whether it still listened after them. */
async function pester({ url, greeting, nextFrame }: Pester, random: SeededRandom): Promise<boolean> {
  const socket = new WebSocket(url);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // What comes before the server is ready to hear it waits there, and would be overtaken by the ping.
  const ready = new Promise((resolve) => socket.once('message', resolve));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  for (const message of greeting) socket.send(message);
  await ready;
  const frames = 1 + random.integer(MOST_FRAMES_PER_SOCKET);
  for (let sent = 0; sent < frames; sent++) socket.send(nextFrame());
  // A pong comes back when everything before it was read.
  const answered = new Promise<boolean>((resolve) => socket.once('pong', () => resolve(true)));
  socket.ping();
  const survived = await Promise.race([answered, closed.then(() => false)]);
  socket.terminate();
  await closed;
  return survived;
}

test('[HTT6] [TXT4] [SES6] no frame ends the process, harms a text that others have open, or takes it down', async () => {
  const random = createSeededRandom();
  const server = await startTestServer();
  const ws = server.url.replace('http', 'ws');
  for (const id of ['n1', 'n2']) await call(`${server.url}/api/note/${id}`, 'PUT', { body: { title: id } });
  const bystander = openStockText(server.url, 'note/n2/body');
  await bystander.whenSynced();
  bystander.text.insert(0, 'unharmed');
  const good = listGoodFrames();
  const stock: Pester = {
    url: `${ws}/yjs/note/n1/body?saved=1`,
    greeting: [],
    nextFrame: () => mutate(random.oneOf(good), random),
  };
  const session: Pester = {
    url: `${ws}/weft?v=1`,
    greeting: GREETING,
    nextFrame: () =>
      random.oneOf([
        encodeChannelFrame({ channel: 1, frame: mutate(random.oneOf(good), random) }),
        mutate(encodeChannelFrame({ channel: random.integer(3), frame: random.oneOf(good) }), random),
        Buffer.from(mutate(Buffer.from(random.oneOf(JSON_FRAMES)), random)).toString(),
        random.oneOf(JSON_FRAMES),
      ]),
  };

  for (const target of [stock, session]) {
    let survived = 0;
    for (let index = 0; index < SOCKETS; index++) if (await pester(target, random)) survived++;
    // Else every socket died of its first frame, or none of anything, and nothing was tried.
    expect(survived).toBeGreaterThan(SOCKETS / 20);
    expect(survived).toBeLessThan(SOCKETS);
  }

  expect((await call(`${server.url}/healthz`, 'GET')).status).toBe(200);
  expect((await call(`${server.url}/api/note/n2/texts/body`, 'GET')).text).toBe('unharmed');
  const [first, second] = [
    openStockText(server.url, 'note/n1/body'),
    openStockText(server.url, 'note/n1/body'),
  ];
  await Promise.all([first.whenSynced(), second.whenSynced()]);
  first.text.insert(0, 'still here');
  await until(() => second.text.toString() === first.text.toString(), { describe: 'the same text at both' });
});
