import { encodeTextFrame, decodeTextFrame } from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { call } from '../support/httpClient.ts';
import { readResidentMemory } from '../support/residentMemory.ts';
import { createSeededRandom, type SeededRandom } from '../support/seededRandom.ts';
import { type ServerProcess, startServerProcess } from '../support/serverProcess.ts';
import { openStockText } from '../support/stockTextClient.ts';
import { until } from '../support/until.ts';

// Ten million and a million are promised; the usual run is content with what a test may take.
const { WEFT_LARGE_TEXT_CHARACTERS, WEFT_LARGE_TEXT_EDITS } = process.env;
const CHARACTERS = Number(WEFT_LARGE_TEXT_CHARACTERS ?? 1_000_000);
const EDITS = Number(WEFT_LARGE_TEXT_EDITS ?? 50_000);
const IS_REPORTED = WEFT_LARGE_TEXT_CHARACTERS !== undefined || WEFT_LARGE_TEXT_EDITS !== undefined;
const TIMEOUT_MS = 60_000 + CHARACTERS / 50 + EDITS / 2;

const ROOM = 'note/n1/body';

/** Somebody who types into a text, and is told what of it is durable. */
async function openTypist(url: string) {
  const doc = new Y.Doc();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/yjs/${ROOM}?saved=1&token=Ada`);
  onTestFinished(() => {
    socket.terminate();
    doc.destroy();
  });
  let sent = 0;
  let saved = 0;
  let closedWith: number | undefined;
  doc.on('update', (update: Uint8Array) => {
    sent++;
    socket.send(encodeTextFrame({ kind: 'update', update }));
  });
  socket.on('message', (data: Buffer) => {
    const frame = decodeTextFrame(data);
    if (frame?.kind === 'saved') saved = frame.count;
  });
  socket.on('close', (code) => (closedWith = code));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    doc,
    text: doc.getText('body'),
    /** Waits until no more than so many frames are not durable. */
    whenUnsaved: async (most: number) => {
      const isSaved = () => {
        if (closedWith !== undefined) throw new Error(`closed with ${closedWith}`);
        return sent - saved <= most;
      };
      await until(isSaved, { describe: 'saved', timeoutMs: TIMEOUT_MS });
    },
    close: () => socket.close(),
  };
}

type Typist = Awaited<ReturnType<typeof openTypist>>;

/** Opens the text as anybody does, and says how long it took. */
async function openText({ url }: ServerProcess, length: number) {
  const from = performance.now();
  const client = openStockText(url, ROOM, { token: 'Ben' });
  await until(() => client.text.length === length, { describe: 'the whole text', timeoutMs: TIMEOUT_MS });
  return { ...client, openedIn: performance.now() - from };
}

async function report(server: ServerProcess, name: string, milliseconds: number): Promise<void> {
  if (!IS_REPORTED) return;
  const megabytes = (await readResidentMemory(server.url)) / 2 ** 20;
  console.log(`${name}: ${milliseconds.toFixed()} ms; the server holds ${megabytes.toFixed()} MiB`);
}

/** Ada has made a text; others open it, edit it, and find it again when the server was ended. */
async function holdsFor(server: ServerProcess, ada: Typist): Promise<void> {
  const ben = await openText(server, ada.text.length);
  await report(server, 'opened by another', ben.openedIn);
  expect(ben.text.toJSON()).toBe(ada.text.toJSON());
  const middle = ben.text.length >> 1;
  ben.text.insert(middle, 'edited');
  ben.text.delete(0, 3);
  const edited = ben.text.toJSON();
  const readText = async () => (await call(`${server.url}/api/note/n1/texts/body`, 'GET')).text;
  const from = performance.now();
  await until(async () => (await readText()) === edited, { describe: 'the edit', timeoutMs: TIMEOUT_MS });
  await report(server, 'edited, stored and read', performance.now() - from);
  ben.close();

  await server.kill();
  await server.restart();
  const cleo = await openText(server, edited.length);
  await report(server, 'opened after a restart', cleo.openedIn);
  expect(cleo.text.toJSON()).toBe(edited);
  expect(Y.encodeStateVector(cleo.doc)).toEqual(Y.encodeStateVector(ben.doc));
}

async function start() {
  const server = await startServerProcess({ environment: { WEFT_LOG: 'debug' } });
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Long' } });
  return { server, ada: await openTypist(server.url) };
}

const WORDS = 'the quick brown fox jumps over the lazy dog, größer als 🎈, and on it goes. ';
const PIECE = 250_000;

test(
  '[TXT20] a text of very many characters is opened, edited and there again',
  async () => {
    const { server, ada } = await start();
    const from = performance.now();
    const piece = WORDS.repeat(PIECE / WORDS.length);
    for (let number = 0; ada.text.length < CHARACTERS; number++) {
      ada.text.insert(ada.text.length, `${number}: ${piece}\n`);
      await ada.whenUnsaved(4);
    }
    await ada.whenUnsaved(0);
    await report(server, `pasted ${ada.text.length} characters`, performance.now() - from);
    await holdsFor(server, ada);
  },
  TIMEOUT_MS,
);

const EDITS_PER_FRAME = 5;

/** As people do: on from where they are, sometimes back, and now and then somewhere else. */
function typeOn(text: Y.Text, cursor: number, random: SeededRandom): number {
  const at = random.integer(40) === 0 ? random.integer(text.length + 1) : Math.min(cursor, text.length);
  if (at > 0 && random.integer(8) === 0) {
    text.delete(at - 1, 1);
    return at - 1;
  }
  text.insert(at, String.fromCharCode(97 + random.integer(26)));
  return at + 1;
}

test(
  '[TXT20] a text of very many edits is opened, edited and there again',
  async () => {
    const { server, ada } = await start();
    const from = performance.now();
    const random = createSeededRandom();
    let cursor = 0;
    for (let edits = 0; edits < EDITS; edits += EDITS_PER_FRAME) {
      ada.doc.transact(() => {
        for (let edit = 0; edit < EDITS_PER_FRAME; edit++) cursor = typeOn(ada.text, cursor, random);
      });
      if (edits % 250 === 0) await ada.whenUnsaved(50);
    }
    await ada.whenUnsaved(0);
    await report(server, `made ${EDITS} edits`, performance.now() - from);
    ada.close();
    await until(() => server.output().includes('a text snapshot was taken'), { describe: 'a snapshot' });
    await holdsFor(server, ada);
  },
  TIMEOUT_MS,
);
