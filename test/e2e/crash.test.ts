import { encodeTextFrame } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { call } from '../support/httpClient.ts';
import { createSeededRandom } from '../support/seededRandom.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { openStockText } from '../support/stockTextClient.ts';
import { until } from '../support/until.ts';

const WRITERS = 4;
// Each kills the server once; WEFT_CRASH_ROUNDS asks for more.
const ROUNDS = Number(process.env.WEFT_CRASH_ROUNDS ?? 5);
const FEWEST_ACKNOWLEDGED = 20;

/** Types words into a text until its socket breaks, and knows which of them were called saved. */
function startTyping(url: string, writer: string, note = 'n1') {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/yjs/note/${note}/body?saved=1&token=${writer}`);
  const doc = new Y.Doc();
  const words: string[] = [];
  let saved = 0;
  const type = () => {
    const word = `<${writer}-${words.length}>`;
    doc.getText('body').insert(doc.getText('body').length, word);
    words.push(word);
  };
  doc.on('update', (update: Uint8Array) => socket.send(encodeTextFrame({ kind: 'update', update })));
  socket.on('open', () => {
    for (let ahead = 0; ahead < 5; ahead++) type();
  });
  socket.on('message', (frame: Buffer) => {
    if (frame[0] !== 100) return;
    // Saved counts stay below 128 in a round, so one byte says them.
    saved = frame[1] ?? 0;
    if (words.length < 120) type();
  });
  socket.on('error', () => undefined);
  return { savedWords: () => words.slice(0, saved), close: () => socket.terminate() };
}

/**
 * Opens a note that nobody else has open, types, and leaves again, over and over: each time its text is loaded, closed
 * and replaced by a snapshot. Knows the words that were called saved.
 */
function startPassingBy(url: string, writer: string) {
  const words: string[] = [];
  let stopped = false;
  const done = (async () => {
    for (let visit = 0; !stopped; visit++) {
      const typist = startTyping(url, `${writer}-${visit}`, 'n2');
      await until(() => stopped || typist.savedWords().length >= 5, { describe: 'words of a passer-by' });
      words.push(...typist.savedWords());
      typist.close();
    }
  })();
  return {
    words,
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

/** Changes a note's title again and again until the server is gone, and knows which titles were accepted. */
function startRetitling(url: string) {
  const accepted: string[] = [];
  let stopped = false;
  const done = (async () => {
    for (let number = 0; !stopped; number++) {
      const title = `title ${number}`;
      const answer = await call(`${url}/api/note/n1`, 'PATCH', { body: { title } }).catch(() => undefined);
      if (!answer) return;
      if (answer.status === 200) accepted.push(title);
    }
  })();
  return {
    accepted,
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

test('[OPS3] [EVS8] [TXT2] what was acknowledged is there after a SIGKILL at any moment', async () => {
  const random = createSeededRandom();
  const server = await startServerProcess();
  for (const id of ['n1', 'n2'])
    await call(`${server.url}/api/note/${id}`, 'PUT', { body: { title: 'start 0' } });
  const readBody = async (id: string) => (await call(`${server.url}/api/note/${id}/texts/body`, 'GET')).text;
  const acknowledged = { n1: [] as string[], n2: [] as string[] };

  for (let round = 0; round < ROUNDS; round++) {
    const typists = Array.from({ length: WRITERS }, (_, index) =>
      startTyping(server.url, `w${round}${index}`),
    );
    const retitling = startRetitling(server.url);
    const passingBy = startPassingBy(server.url, `p${round}`);
    const enough = FEWEST_ACKNOWLEDGED + random.integer(200);
    const countSaved = () => typists.reduce((sum, typist) => sum + typist.savedWords().length, 0);
    await until(() => countSaved() >= enough && retitling.accepted.length > 0 && passingBy.words.length > 0, {
      describe: 'acknowledgements',
    });
    await server.kill();
    await Promise.all([retitling.stop(), passingBy.stop()]);
    const savedWords = typists.flatMap((typist) => typist.savedWords());
    for (const typist of typists) typist.close();
    await server.restart();

    acknowledged.n1.push(...savedWords);
    acknowledged.n2.push(...passingBy.words);
    for (const id of ['n1', 'n2'] as const) {
      const text = await readBody(id);
      expect(acknowledged[id].filter((word) => !text.includes(word))).toEqual([]);
    }
    const note = (await call(`${server.url}/api/note/n1`, 'GET')).json as { fields: { title: string } };
    // The next title may have been stored as well, its answer lost with the server.
    const last = Number(note.fields.title.split(' ')[1]);
    expect([retitling.accepted.length - 1, retitling.accepted.length]).toContain(last);
  }

  for (const id of ['n1', 'n2'] as const) {
    const reader = openStockText(server.url, `note/${id}/body`);
    await reader.whenSynced();
    expect(reader.text.toString()).toBe(await readBody(id));
  }
  expect(acknowledged.n1.length).toBeGreaterThanOrEqual(ROUNDS * FEWEST_ACKNOWLEDGED);
  expect(acknowledged.n2.length).toBeGreaterThanOrEqual(ROUNDS);
});
