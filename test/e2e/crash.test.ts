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
const ROUNDS = 5;
const FEWEST_ACKNOWLEDGED = 20;

/** Types words into a text until its socket breaks, and knows which of them were called saved. */
function startTyping(url: string, writer: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/yjs/note/n1/body?saved=1&token=${writer}`);
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
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'start' } });
  const acknowledged = { words: [] as string[], titles: 0 };

  for (let round = 0; round < ROUNDS; round++) {
    const typists = Array.from({ length: WRITERS }, (_, index) =>
      startTyping(server.url, `w${round}${index}`),
    );
    const retitling = startRetitling(server.url);
    const enough = FEWEST_ACKNOWLEDGED + random.integer(200);
    const countSaved = () => typists.reduce((sum, typist) => sum + typist.savedWords().length, 0);
    await until(() => countSaved() >= enough && retitling.accepted.length > 0, {
      describe: 'acknowledgements',
    });
    await server.kill();
    await retitling.stop();
    const savedWords = typists.flatMap((typist) => typist.savedWords());
    for (const typist of typists) typist.close();
    await server.restart();

    acknowledged.words.push(...savedWords);
    acknowledged.titles += retitling.accepted.length;
    const { text } = await call(`${server.url}/api/note/n1/texts/body`, 'GET');
    expect(acknowledged.words.filter((word) => !text.includes(word))).toEqual([]);
    const note = (await call(`${server.url}/api/note/n1`, 'GET')).json as { fields: { title: string } };
    // The next title may have been stored as well, its answer lost with the server.
    const last = Number(note.fields.title.split(' ')[1]);
    expect([retitling.accepted.length - 1, retitling.accepted.length]).toContain(last);
  }

  const reader = openStockText(server.url, 'note/n1/body');
  await reader.whenSynced();
  const { text } = await call(`${server.url}/api/note/n1/texts/body`, 'GET');
  expect(reader.text.toString()).toBe(text);
  expect(acknowledged.words.length).toBeGreaterThanOrEqual(ROUNDS * FEWEST_ACKNOWLEDGED);
});
