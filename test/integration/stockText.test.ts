import { CLOSE_CODES, encodeTextFrame, MAX_TEXT_FRAME_BYTES } from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { call } from '../support/httpClient.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { openStockText, type StockTextClient } from '../support/stockTextClient.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

const room = 'note/n1/body';

async function setUp(options: Parameters<typeof startTestServer>[0] = {}) {
  const server = await startTestServer(options);
  const put = (id: string) => call(`${server.url}/api/note/${id}`, 'PUT', { body: { title: 'Plan' } });
  await put('n1');
  const readBody = (id = 'n1', headers = {}) =>
    call(`${server.url}/api/note/${id}/texts/body`, 'GET', { headers });
  return { server, put, readBody };
}

/** A bare socket on the stock path, with the frames that it heard. */
async function openRaw(url: string, query = '') {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/yjs/note/n1/body${query}`);
  onTestFinished(() => socket.terminate());
  const frames: Uint8Array[] = [];
  socket.on('message', (data: Buffer) => frames.push(new Uint8Array(data)));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return { socket, frames, closed };
}

test('[TXT1] stock y-websocket clients edit one text and see each other', async () => {
  const { server } = await setUp();
  const ada = openStockText(server.url, room, { token: 'Ada' });
  const ben = openStockText(server.url, room, { token: 'Ben' });
  await Promise.all([ada.whenSynced(), ben.whenSynced()]);
  ada.text.insert(0, 'Ada ');
  ben.text.insert(0, 'Ben ');
  ada.provider.awareness.setLocalStateField('user', { name: 'Ada' });
  await until(() => ada.text.toString() === ben.text.toString() && ada.text.length === 8, {
    describe: 'both texts',
  });
  await until(() => ben.provider.awareness.getStates().get(ada.doc.clientID)?.user !== undefined, {
    describe: 'the cursor',
  });
  ada.provider.destroy();
  await until(() => !ben.provider.awareness.getStates().has(ada.doc.clientID), {
    describe: 'the cursor going',
  });
});

test('[TXT1] [TXT7] a stock client that was offline brings its edits and gets what it missed', async () => {
  const { server } = await setUp();
  const ada = openStockText(server.url, room);
  const ben = openStockText(server.url, room);
  await Promise.all([ada.whenSynced(), ben.whenSynced()]);
  ada.text.insert(0, 'shared ');
  await until(() => ben.text.length === 7, { describe: 'the text' });
  ben.provider.disconnect();
  ben.text.insert(7, 'offline');
  ada.text.delete(0, 3);
  ben.provider.connect();
  await until(() => ada.text.toString() === 'red offline' && ben.text.toString() === 'red offline', {
    describe: 'both texts',
  });
});

test('[TXT13] a stock client of a text that is not there gives up for good', async () => {
  const { server } = await setUp();
  const { provider } = openStockText(server.url, 'note/missing/body');
  const closed = await new Promise<{ code: number }>((resolve) => provider.on('closed', resolve));
  expect(closed.code).toBe(CLOSE_CODES['not-found']);
});

const refusing = {
  authenticate: () => Promise.resolve({ outcome: 'refused' as const, detail: 'a token is required' }),
};

test.each<[string, number, Parameters<typeof startTestServer>[0], (client: StockTextClient) => void]>([
  ['without a token', CLOSE_CODES.unauthenticated, refusing, () => undefined],
  [
    'that says what cannot be read',
    CLOSE_CODES['invalid-message'],
    {},
    ({ provider }) => provider.ws?.send('?'),
  ],
  [
    'that says too much at once',
    CLOSE_CODES['too-big'],
    {},
    ({ text }) => text.insert(0, 'x'.repeat(MAX_TEXT_FRAME_BYTES)),
  ],
])(
  '[TXT1] [TXT15] a stock client %s is closed with %i, and does not come back',
  async (_who, code, options, misbehave) => {
    const { server } = await setUp(options);
    const client = openStockText(server.url, room);
    const closed = new Promise<{ code: number }>((resolve) => client.provider.on('closed', resolve));
    client.provider.on('sync', () => misbehave(client));
    expect((await closed).code).toBe(code);
    expect(client.provider.shouldConnect).toBe(false);
  },
);

test('[TXT13] a stock client of a note that is deleted gives up for good', async () => {
  const { server } = await setUp();
  const client = openStockText(server.url, room);
  await client.whenSynced();
  const closed = new Promise<{ code: number }>((resolve) => client.provider.on('closed', resolve));
  await call(`${server.url}/api/note/n1`, 'DELETE');
  expect((await closed).code).toBe(CLOSE_CODES['not-found']);
  expect(client.provider.shouldConnect).toBe(false);
});

test('[TXT1] [SES10] a stock client comes back by itself after a restart, with what it typed meanwhile', async () => {
  const server = await startServerProcess();
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
  const ada = openStockText(server.url, room);
  const codes: (number | undefined)[] = [];
  ada.provider.on('connection-close', (event) => codes.push(event?.code));
  await ada.whenSynced();
  ada.text.insert(0, 'before ');
  await server.stop();
  await until(() => !ada.provider.wsconnected, { describe: 'the end of the connection' });
  expect(codes).toEqual([CLOSE_CODES.unavailable]);
  ada.text.insert(7, 'meanwhile');
  await server.restart();
  await ada.whenSynced();
  const read = () => call(`${server.url}/api/note/n1/texts/body`, 'GET');
  await until(async () => (await read()).text === 'before meanwhile', { describe: 'both' });
});

test('[TXT1] [TXT12] two tabs of one browser, which also hear each other directly, are two people’s worth', async () => {
  const { server, readBody } = await setUp();
  const openTab = () => {
    const doc = new Y.Doc();
    const provider = new WebsocketProvider(`${server.url.replace('http', 'ws')}/yjs`, room, doc);
    const close = () => {
      provider.destroy();
      doc.destroy();
    };
    onTestFinished(close);
    return { doc, provider, text: doc.getText('body'), close };
  };
  const [one, other] = [openTab(), openTab()];
  const ben = openStockText(server.url, room);
  await until(() => one.provider.synced && other.provider.synced && ben.provider.synced, { describe: 'all' });
  one.text.insert(0, 'one ');
  other.text.insert(0, 'other ');
  for (const { provider } of [one, other]) provider.awareness.setLocalStateField('user', { name: 'Ada' });
  await until(async () => ben.text.length === 10 && (await readBody()).text === ben.text.toJSON(), {
    describe: 'both words',
  });
  const tabs = () =>
    [...ben.provider.awareness.getStates().values()].filter(({ user }) => user !== undefined);
  await until(() => tabs().length === 2, { describe: 'both cursors' });
  one.close();
  await until(() => tabs().length === 1, { describe: 'one cursor going' });
  other.text.insert(0, 'on ');
  await until(() => ben.text.length === 13, { describe: 'what the other tab types' });
});

test('[TXT14] the stored text is read with its revision as ETag', async () => {
  const { server, readBody, put } = await setUp();
  const empty = await readBody();
  expect(empty).toMatchObject({ status: 200, text: '' });
  const ada = openStockText(server.url, room);
  await ada.whenSynced();
  ada.text.insert(0, 'Größe: 1 🎈');
  const read = await until(
    async () => {
      const answer = await readBody();
      return answer.text === '' ? undefined : answer;
    },
    { describe: 'the stored text' },
  );
  expect(read.text).toBe('Größe: 1 🎈');
  expect(read.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
  const etag = read.headers.get('ETag') ?? '';
  expect(etag).not.toBe(empty.headers.get('ETag'));
  expect((await readBody('n1', { 'If-None-Match': etag })).status).toBe(304);
  const note = await call(`${server.url}/api/note/n1`, 'GET');
  expect(note.json).toMatchObject({ texts: { body: { length: 11, revision: etag.replaceAll('"', '') } } });
  await put('n2');
  expect((await readBody('n2')).text).toBe('');
});

test('[TXT3] a stock client hears of saved only where it asked', async () => {
  const { server } = await setUp();
  const update = Y.encodeStateAsUpdate(
    (() => {
      const doc = new Y.Doc();
      doc.getText('body').insert(0, 'x');
      return doc;
    })(),
  );
  const asking = await openRaw(server.url, '?saved=1');
  const plain = await openRaw(server.url);
  asking.socket.send(encodeTextFrame({ kind: 'update', update }));
  await until(() => asking.frames.find((frame) => frame[0] === 100), { describe: 'saved' });
  plain.socket.send(encodeTextFrame({ kind: 'update', update }));
  plain.socket.send(encodeTextFrame({ kind: 'sync-step-1', stateVector: new Uint8Array([0]) }));
  await until(() => plain.frames.find((frame) => frame[0] === 0 && frame[1] === 1), {
    describe: 'the sync step 2',
  });
  expect(plain.frames.some((frame) => frame[0] === 100)).toBe(false);
});

test.each<[string, Uint8Array | string, number]>([
  ['a text frame', 'hello', 4400],
  ['an empty frame', new Uint8Array(), 4400],
  ['an unknown message type', new Uint8Array([42]), 4400],
  ['a server’s own message type', encodeTextFrame({ kind: 'saved', count: 1 }), 4400],
  ['an auth message', new Uint8Array([2, 0, 0]), 4400],
  ['a cut update', new Uint8Array([0, 2, 200]), 4400],
  [
    'an update that is none',
    encodeTextFrame({ kind: 'update', update: new Uint8Array([1, 1, 1, 1, 1]) }),
    4400,
  ],
  [
    'a state vector that is none',
    encodeTextFrame({ kind: 'sync-step-1', stateVector: new Uint8Array([9]) }),
    4400,
  ],
  ['awareness that is none', encodeTextFrame({ kind: 'awareness', states: new Uint8Array([9, 9]) }), 4400],
  ['a frame that is too big', new Uint8Array(MAX_TEXT_FRAME_BYTES + 1), 4413],
])('[TXT4] [TXT15] %s ends that socket, and harms nobody', async (_case, frame, code) => {
  const { server, readBody } = await setUp();
  const ada = openStockText(server.url, room);
  await ada.whenSynced();
  ada.text.insert(0, 'unharmed');
  const { socket, closed } = await openRaw(server.url);
  socket.send(frame);
  expect(await closed).toBe(code);
  ada.text.insert(8, '!');
  await until(async () => (await readBody()).text === 'unharmed!', { describe: 'the text' });
});

test('[TXT2] [TXT9] while the store fails nobody sees an update and nobody hears saved', async () => {
  let failing = false;
  const beforeAppend = () => {
    if (failing) throw new Error('the disk is full');
  };
  const { server, readBody } = await setUp({ store: createInMemoryEventStore({ faults: { beforeAppend } }) });
  const asking = await openRaw(server.url, '?saved=1');
  const ben = openStockText(server.url, room);
  await ben.whenSynced();
  failing = true;
  const doc = new Y.Doc();
  doc.getText('body').insert(0, 'patience');
  asking.socket.send(encodeTextFrame({ kind: 'update', update: Y.encodeStateAsUpdate(doc) }));
  await until(async () => (await call(`${server.url}/readyz`, 'GET')).status === 503, {
    describe: 'unreadiness',
  });
  expect(ben.text.toString()).toBe('');
  expect(asking.frames.some((frame) => frame[0] === 100)).toBe(false);
  failing = false;
  await until(() => ben.text.toString() === 'patience', { describe: 'the update' });
  await until(() => asking.frames.some((frame) => frame[0] === 100), { describe: 'saved' });
  expect((await readBody()).text).toBe('patience');
});
