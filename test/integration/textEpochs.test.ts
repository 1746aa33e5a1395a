import { createClient, type RescueCopy, type TextHandle, type WebSocketLike } from '@weft/client';
import { CLOSE_CODES } from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { note } from '../../examples/notes/note.ts';
import { call } from '../support/httpClient.ts';
import { openGreetedSession } from '../support/rawSession.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

/** A note whose body says 'before', and what erases that body. */
async function setUp() {
  const server = await startTestServer();
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
  const path = `${server.url}/api/note/n1/texts/body`;
  const readBody = async () => (await call(path, 'GET')).text;
  const erase = async () => {
    const { status, text } = await call(path, 'DELETE', { headers: { Authorization: 'Bearer Eve' } });
    expect({ status, text }).toEqual({ status: 204, text: '' });
  };
  const ada = openSdk(server.url, 'Ada');
  await ada.body.whenSynced();
  ada.body.ytext.insert(0, 'before');
  await until(() => ada.handle.saveState.status === 'saved', { describe: 'Ada’s text to be saved' });
  return { url: server.url, readBody, erase, ada };
}

/** Somebody with the SDK, whose connection can be cut. */
function openSdk(url: string, name: string) {
  let isCut = false;
  let socket: WebSocket | undefined;
  const createSocket = (address: string): WebSocketLike => {
    if (isCut) throw new Error('there is no network');
    return (socket = new WebSocket(address));
  };
  const weft = createClient({ url, aggregates: [note], token: name, createSocket, random: () => 0.1 });
  onTestFinished(() => weft.close());
  const handle = weft.note('n1');
  return {
    handle,
    body: handle.text('body'),
    cut: async () => {
      isCut = true;
      socket?.close();
      await until(() => handle.saveState.status === 'offline', { describe: `${name} to be offline` });
    },
    mend: () => {
      isCut = false;
      weft.connection.reconnect();
    },
  };
}

async function whenRescued(body: TextHandle): Promise<RescueCopy> {
  return until(
    () => {
      const state = body.peek();
      return state.status === 'closed' ? state.rescue : undefined;
    },
    { describe: 'the rescue copy' },
  );
}

/** Somebody with y-websocket's provider alone, who names an epoch in the address or none. */
function openStock(url: string, { doc = new Y.Doc(), epoch }: { doc?: Y.Doc; epoch?: string } = {}) {
  const provider = new WebsocketProvider(`${url.replace('http', 'ws')}/yjs`, 'note/n1/body', doc, {
    disableBc: true,
    params: { token: 'Ada', ...(epoch !== undefined && { epoch }) },
  });
  let code: number | undefined;
  provider.on('closed', (closed) => (code = closed.code));
  onTestFinished(() => {
    provider.destroy();
    doc.destroy();
  });
  return {
    doc,
    provider,
    whenSynced: () => until(() => provider.synced, { describe: 'the sync of a stock client' }),
    whenClosed: () => until(() => code, { describe: 'the end of a stock client' }),
  };
}

async function readEpoch(url: string): Promise<string> {
  const session = await openGreetedSession(url);
  session.send({ type: 'open-text', channel: 1, aggregate: 'note', id: 'n1', field: 'body' });
  const { epoch } = await session.next('text-opened');
  session.socket.close();
  return epoch;
}

test('[EPO3] [EPO4] an erased text is closed for everyone with a rescue copy, and begins anew', async () => {
  const { url, readBody, erase, ada } = await setUp();
  const ben = openSdk(url, 'Ben');
  await ben.body.whenSynced();
  await erase();
  for (const { body, handle } of [ada, ben]) {
    expect(await whenRescued(body)).toMatchObject({ text: 'before', isUnsaved: false });
    expect(body.peek()).toMatchObject({ status: 'closed', code: 4409, saveState: { status: 'saved' } });
    expect(handle.saveState).toEqual({ status: 'saved' });
    body.close();
  }
  expect(await readBody()).toBe('');
  const [adaBody, benBody] = [ada.handle.text('body'), ben.handle.text('body')];
  await Promise.all([adaBody.whenSynced(), benBody.whenSynced()]);
  expect(adaBody.peek().epoch).not.toBe(ada.body.peek().epoch);
  expect(adaBody.peek().epoch).toBe(benBody.peek().epoch);
  adaBody.ytext.insert(0, 'after');
  await until(() => benBody.ytext.toJSON() === 'after', { describe: 'Ada’s new text' });
  await until(async () => (await readBody()) === 'after', { describe: 'the stored text' });
});

test('[EPO4] what was typed offline into a text that was erased meanwhile is rescued, and nothing of it merged', async () => {
  const { url, readBody, erase, ada } = await setUp();
  await ada.cut();
  ada.body.ytext.insert(6, ', typed offline');
  await erase();
  const ben = openSdk(url, 'Ben');
  await ben.body.whenSynced();
  ben.body.ytext.insert(0, 'after');
  await until(() => ben.handle.saveState.status === 'saved', { describe: 'Ben’s text to be saved' });
  ada.mend();
  const rescue = await whenRescued(ada.body);
  expect(rescue).toMatchObject({ text: 'before, typed offline', isUnsaved: true });
  await until(() => ada.handle.saveState.status === 'blocked', { describe: 'the refusal' });
  expect(await readBody()).toBe('after');
  ada.body.close();
  await until(() => ada.handle.saveState.status === 'saved', { describe: 'nothing to save' });
  const again = ada.handle.text('body');
  await until(() => again.ytext.toJSON() === 'after', { describe: 'Ben’s text' });
  const copy = new Y.Doc();
  Y.applyUpdate(copy, rescue.update);
  expect(copy.getText('body').toJSON()).toBe('before, typed offline');
});

test('[EPO3] a session that names an epoch is let in where it is the text’s, and sent away where it is not', async () => {
  const { url, erase } = await setUp();
  const before = await readEpoch(url);
  await erase();
  const now = await readEpoch(url);
  expect(now).not.toBe(before);
  const session = await openGreetedSession(url, 'Ada');
  const body = { type: 'open-text', aggregate: 'note', id: 'n1', field: 'body' };
  session.send({ ...body, channel: 1, epoch: before });
  const { code } = await session.next('text-closed', ({ channel }) => channel === 1);
  expect(code).toBe(CLOSE_CODES['other-epoch']);
  session.send({ ...body, channel: 2, epoch: now });
  expect(await session.next('text-opened')).toEqual({ type: 'text-opened', channel: 2, epoch: now });
  expect(session.framesOf(1)).toEqual([]);
});

test('[EPO3] a stock client is refused for good by the epoch in its address', async () => {
  const { url, erase, readBody } = await setUp();
  const before = await readEpoch(url);
  const stock = openStock(url, { epoch: before });
  await stock.whenSynced();
  expect(stock.doc.getText('body').toJSON()).toBe('before');
  await erase();
  expect(await stock.whenClosed()).toBe(4409);
  expect(await openStock(url, { epoch: before }).whenClosed()).toBe(4409);
  const anew = openStock(url, { epoch: await readEpoch(url) });
  await anew.whenSynced();
  expect(anew.doc.getText('body').toJSON()).toBe('');
  anew.doc.getText('body').insert(0, 'after');
  await until(async () => (await readBody()) === 'after', { describe: 'the new text' });
});

test('[EPO3] a stock client that names no epoch is refused by what it brings', async () => {
  const { url, erase, readBody } = await setUp();
  const { doc, provider, whenSynced } = openStock(url);
  await whenSynced();
  provider.disconnect();
  doc.getText('body').insert(6, ', typed offline');
  await erase();
  expect(await openStock(url, { doc }).whenClosed()).toBe(4409);
  expect(await readBody()).toBe('');
});
