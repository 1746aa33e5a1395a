import { CLOSE_CODES, encodeTextFrame, MAX_BUFFERED_BYTES } from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createManualClock } from '../../client-sdk/src/testSupport/manualClock.ts';
import { call } from '../support/httpClient.ts';
import { openGreetedSession, type RawSession } from '../support/rawSession.ts';
import { readResidentMemory } from '../support/residentMemory.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { openStockText } from '../support/stockTextClient.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

// A lot is written here.
const TIMEOUT_MS = 60_000;
const MIB = 1024 * 1024;
const ROOM = 'note/n1/body';
const OPEN_BODY = { type: 'open-text', channel: 1, aggregate: 'note', id: 'n1', field: 'body' } as const;
// What the kernel takes before a socket's buffer grows differs from machine to machine, and is far less than this.
const KERNEL_BYTES = 24 * MIB;

/** A stock client whose socket can stop reading. */
function openPausable(url: string) {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${url.replace('http', 'ws')}/yjs`, ROOM, doc, {
    disableBc: true,
    params: { token: 'Lazy' },
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  const closes: number[] = [];
  provider.on('connection-close', (event) => closes.push(event?.code ?? 0));
  onTestFinished(() => {
    provider.destroy();
    doc.destroy();
  });
  // It is the class that was given above.
  const socket = () => provider.ws as unknown as WebSocket;
  return { doc, text: doc.getText('body'), provider, closes, socket };
}

async function openSession(url: string): Promise<RawSession> {
  const session = await openGreetedSession(url);
  session.send(OPEN_BODY);
  await session.next('text-opened');
  return session;
}

/** Writes and deletes again, so that much is sent of a text that stays short. */
function writeMuch(text: Y.Text, number: number): void {
  text.insert(0, String(number % 10).repeat(MIB));
  text.delete(0, MIB - 1);
}

test(
  '[TXT19] [SES9] who does not read is sent away at the cap, the others get everything, and it catches up',
  async () => {
    const clock = createManualClock();
    const server = await startTestServer({ clock });
    await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
    const ada = openStockText(server.url, ROOM, { token: 'Ada' });
    const ben = openStockText(server.url, ROOM, { token: 'Ben' });
    const lazy = openPausable(server.url);
    const lazySession = await openSession(server.url);
    await Promise.all([ada.whenSynced(), ben.whenSynced()]);
    await until(() => lazy.provider.synced, { describe: 'the sync of the lazy one' });
    lazy.socket().pause();
    lazySession.socket.pause();

    const pieces = (MAX_BUFFERED_BYTES + KERNEL_BYTES) / MIB;
    for (let number = 0; number < pieces; number++) {
      writeMuch(ada.text, number);
      const hasAll = () => {
        // A room stores again when its pause is over.
        clock.advance(1);
        return ben.text.length === number + 1 && ben.text.toJSON() === ada.text.toJSON();
      };
      await until(hasAll, { describe: `piece ${number} at Ben’s` });
    }

    lazy.socket().resume();
    lazySession.socket.resume();
    expect(await lazySession.closed()).toBe(CLOSE_CODES.unavailable);
    await until(() => lazy.text.toJSON() === ada.text.toJSON(), { describe: 'the text at the lazy one' });
    expect(lazy.closes).toEqual([CLOSE_CODES.unavailable]);
    lazy.text.insert(0, 'awake');
    const hasWoken = () => {
      clock.advance(1);
      return ben.text.toJSON().startsWith('awake');
    };
    await until(hasWoken, { describe: 'what it types now' });
  },
  TIMEOUT_MS,
);

const LAZY_READERS = 8;
const WRITTEN_MIB = 72;

test(
  '[TXT19] what waits for those who do not read stays within bounds in the server’s memory',
  async () => {
    const server = await startServerProcess();
    await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
    const ada = openStockText(server.url, ROOM, { token: 'Ada' });
    const ben = openStockText(server.url, ROOM, { token: 'Ben' });
    await Promise.all([ada.whenSynced(), ben.whenSynced()]);
    let most = 0;
    async function write(pieces: number): Promise<void> {
      for (let number = 0; number < pieces; number++) {
        writeMuch(ada.text, number);
        await until(() => ben.text.length === ada.text.length, { describe: `piece ${number} at Ben’s` });
        if (number % 4 === 0) most = Math.max(most, await readResidentMemory(server.url));
      }
    }

    // What the writing takes without them.
    await write(24);
    const before = most;
    for (let reader = 0; reader < LAZY_READERS; reader++) (await openSession(server.url)).socket.pause();
    await write(WRITTEN_MIB);
    expect(most - before).toBeLessThan(LAZY_READERS * MAX_BUFFERED_BYTES + 128 * MIB);
  },
  TIMEOUT_MS,
);

const ASKS = 150;
const ASK = encodeTextFrame({ kind: 'sync-step-1', stateVector: new Uint8Array([0]) });

test(
  '[TXT19] who asks on and on without reading is answered at first, and then what it asked last',
  async () => {
    const server = await startServerProcess();
    await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
    const ada = openStockText(server.url, ROOM, { token: 'Ada' });
    const ben = openStockText(server.url, ROOM, { token: 'Ben' });
    await Promise.all([ada.whenSynced(), ben.whenSynced()]);
    ada.text.insert(0, 'x'.repeat(MIB));
    await until(() => ben.text.length === MIB, { describe: 'the text at Ben’s' });

    const stock = new WebSocket(`${server.url.replace('http', 'ws')}/yjs/${ROOM}`);
    onTestFinished(() => stock.terminate());
    await new Promise((resolve, reject) => stock.once('message', resolve).once('error', reject));
    const session = await openSession(server.url);
    const before = await readResidentMemory(server.url);
    const answers = [stock, session.socket].map((socket) => {
      const answered = { times: 0 };
      socket.removeAllListeners('message');
      socket.on('message', (data: Buffer) => (answered.times += data.byteLength > MIB ? 1 : 0));
      socket.pause();
      return answered;
    });
    for (let ask = 0; ask < ASKS; ask++) {
      stock.send(ASK);
      session.sendFrame(1, { kind: 'sync-step-1', stateVector: new Uint8Array([0]) });
    }

    // Nobody else waits for them.
    for (let turn = 0; turn < 20; turn++) {
      ada.text.insert(0, 'y');
      await until(() => ben.text.length === ada.text.length, { describe: 'what Ada typed' });
    }
    expect((await readResidentMemory(server.url)) - before).toBeLessThan(128 * MIB);

    stock.resume();
    session.socket.resume();
    await until(() => answers.every(({ times }) => times >= 2), {
      describe: 'the first answer and that to the newest question',
      timeoutMs: TIMEOUT_MS / 2,
    });
    for (const { times } of answers) expect(times).toBeLessThan(ASKS / 2);
  },
  TIMEOUT_MS,
);
