import { createClient, type TextHandle } from '@weft/client';
import { expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { note } from '../../examples/notes/note.ts';
import { type EditingTrace, readEditingTrace, type TracedUpdate } from '../support/editingTrace.ts';
import { call } from '../support/httpClient.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { openStockText } from '../support/stockTextClient.ts';
import { until } from '../support/until.ts';

const CLIENT_IDS = [1, 2];

/** An author's SDK client. What it types keeps the client id that it has in the trace. */
function openAuthor(url: string, author: number) {
  const weft = createClient({ url, aggregates: [note], token: `author-${author}` });
  onTestFinished(() => weft.close());
  const handle = weft.note('n1');
  return { handle, body: handle.text('body') };
}

/** For each author, the clock that each of its updates leads to. */
function readClocks(trace: EditingTrace): number[][] {
  const clocks: number[][] = CLIENT_IDS.map(() => []);
  for (const { author, update } of trace.updates) {
    const ofAuthor = clocks[author] ?? [];
    const end = Y.parseUpdateMeta(update).to.get(CLIENT_IDS[author] ?? 0);
    ofAuthor.push(end ?? ofAuthor.at(-1) ?? 0);
  }
  return clocks;
}

/** Types an author's transactions, each as soon as everything that it was made on has been received. */
async function replay(
  body: TextHandle,
  own: readonly TracedUpdate[],
  clocks: readonly number[][],
): Promise<void> {
  const hasReceived = ({ seen }: TracedUpdate) =>
    seen.every((count, author) => {
      const needed = count === 0 ? 0 : (clocks[author]?.[count - 1] ?? 0);
      return Y.getState(body.doc.store, CLIENT_IDS[author] ?? 0) >= needed;
    });
  const pending = [...own];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const typeOn = () => {
    for (let next = pending[0]; next && hasReceived(next); next = pending[0]) {
      pending.shift();
      Y.applyUpdate(body.doc, next.update, 'author');
    }
    if (pending.length === 0) resolve(undefined);
  };
  body.doc.on('update', typeOn);
  typeOn();
  await promise;
  body.doc.off('update', typeOn);
}

test('[OPS3] [HAN8] [TXT2] two people’s real typing ends in the same text, also after a SIGKILL', async () => {
  const trace = readEditingTrace('friendsforever', { field: 'body', clientIds: CLIENT_IDS });
  const clocks = readClocks(trace);
  const server = await startServerProcess();
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Friends' } });
  const authors = CLIENT_IDS.map((_, author) => openAuthor(server.url, author));
  await Promise.all(authors.map(({ body }) => body.whenSynced()));

  await Promise.all(
    authors.map(({ body }, author) => {
      const own = trace.updates.filter((update) => update.author === author);
      return replay(body, own, clocks);
    }),
  );
  await until(() => authors.every(({ handle }) => handle.saveState.status === 'saved'), {
    describe: 'both authors’ saved state',
    timeoutMs: 30_000,
  });
  // Saved is said of one's own edits; the other's last ones may still be on their way.
  await until(() => authors.every(({ body }) => body.ytext.toString() === trace.endContent), {
    describe: 'the end content at both authors',
  });

  await server.kill();
  await server.restart();
  const stock = openStockText(server.url, 'note/n1/body');
  await stock.whenSynced();
  expect(stock.text.toString()).toBe(trace.endContent);
  const read = await call(`${server.url}/api/note/n1/texts/body`, 'GET');
  expect(read.text).toBe(trace.endContent);
});
