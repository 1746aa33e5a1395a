import {
  CLOSE_CODES,
  decodeTextFrame,
  encodeTextFrame,
  MAX_CHANNELS_PER_SESSION,
  MAX_SUBSCRIPTIONS_PER_SESSION,
} from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { call } from '../support/httpClient.ts';
import { openGreetedSession } from '../support/rawSession.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { openStockText } from '../support/stockTextClient.ts';
import { until } from '../support/until.ts';
import { startWatchedServer } from '../support/watchedServer.ts';

// A lot is opened here.
const TIMEOUT_MS = 60_000;
const n1 = { aggregate: 'note', id: 'n1' };

const openSockets = async (url: string, path: 'session' | 'text'): Promise<number> => {
  const { text } = await call(`${url}/metrics`, 'GET');
  return Number(new RegExp(`^weft_open_sockets\\{path="${path}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
};

const SOCKETS = 1_000;

/** Opens so many stock sockets at once, each of which asks for the whole text, and waits until all have it. */
async function storm(url: string, expected: string): Promise<WebSocket[]> {
  let synced = 0;
  const sockets = Array.from({ length: SOCKETS }, () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/yjs/note/n1/body`);
    onTestFinished(() => socket.terminate());
    socket.on('error', () => undefined);
    socket.on('open', () =>
      socket.send(encodeTextFrame({ kind: 'sync-step-1', stateVector: new Uint8Array([0]) })),
    );
    socket.on('message', (data: Buffer) => {
      const frame = decodeTextFrame(data);
      if (frame?.kind === 'sync-step-2' && Buffer.from(frame.update).includes(expected)) synced++;
    });
    return socket;
  });
  await until(() => synced === SOCKETS, { describe: 'the text at everyone’s', timeoutMs: TIMEOUT_MS / 2 });
  return sockets;
}

test(
  '[SES9] [TXT16] a thousand who come, are cut off and come again at once are all served, and leave nothing',
  async () => {
    const server = await startServerProcess();
    await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
    const ada = openStockText(server.url, 'note/n1/body');
    await ada.whenSynced();
    ada.text.insert(0, 'here it is');
    const body = async () => (await call(`${server.url}/api/note/n1/texts/body`, 'GET')).text;
    await until(async () => (await body()) === 'here it is', { describe: 'the stored text' });
    for (let time = 0; time < 2; time++) {
      const sockets = await storm(server.url, 'here it is');
      expect(await openSockets(server.url, 'text')).toBe(SOCKETS + 1);
      for (const socket of sockets) socket.terminate();
      await until(async () => (await openSockets(server.url, 'text')) === 1, { describe: 'all gone' });
    }
    ada.text.insert(0, 'still ');
    await until(async () => (await body()) === 'still here it is', { describe: 'what Ada typed' });
  },
  TIMEOUT_MS,
);

test(
  '[SES6] of ten thousand channels on a socket those beyond the limit are refused, and those within serve on',
  async () => {
    const { server, leavesAllAsItWas } = await startWatchedServer();
    await leavesAllAsItWas(async () => {
      const session = await openGreetedSession(server.url);
      for (let channel = 1; channel <= 10_000; channel++) {
        session.send({ type: 'open-text', channel, ...n1, field: 'body' });
      }
      const refusals = () => session.messages.filter((message) => message.type === 'text-closed');
      const opened = () => session.messages.filter(({ type }) => type === 'text-opened');
      await until(() => refusals().length + opened().length === 10_000, {
        describe: 'every answer',
        timeoutMs: TIMEOUT_MS / 2,
      });
      expect(opened()).toHaveLength(MAX_CHANNELS_PER_SESSION);
      expect(new Set(refusals().map(({ code }) => code))).toEqual(new Set([CLOSE_CODES['rate-limited']]));

      // A place that was given back can be taken.
      session.send({ type: 'close-text', channel: 1 });
      session.send({ type: 'open-text', channel: 10_001, ...n1, field: 'body' });
      await session.next('text-opened', ({ channel }) => channel === 10_001);
      session.sendFrame(2, { kind: 'sync-step-1', stateVector: new Uint8Array([0]) });
      const isAnswered = () => session.framesOf(2).some(({ kind }) => kind === 'sync-step-2');
      await until(isAnswered, { describe: 'an answer on a channel' });
    });
  },
  TIMEOUT_MS,
);

test('[SES6] more aggregates than may be watched are refused, and giving one back makes room', async () => {
  const { server } = await startWatchedServer();
  const session = await openGreetedSession(server.url);
  for (let id = 0; id < MAX_SUBSCRIPTIONS_PER_SESSION + 10; id++) {
    session.send({ type: 'subscribe', aggregate: 'note', id: `s${id}` });
  }
  const count = (type: string) => session.messages.filter((message) => message.type === type).length;
  await until(() => count('error') === 10, { describe: 'the refusals' });
  await until(() => count('state') === MAX_SUBSCRIPTIONS_PER_SESSION, { describe: 'every state' });
  session.send({ type: 'unsubscribe', aggregate: 'note', id: 's0' });
  session.send({ type: 'subscribe', ...n1 });
  await session.next('state', ({ id }) => id === 'n1');
});

test('[SES3] [SES5] who subscribes and opens over and over is told of each change once', async () => {
  const { server, http } = await startWatchedServer();
  const session = await openGreetedSession(server.url);
  for (let time = 0; time < 2_500; time++) {
    session.send({ type: 'subscribe', ...n1 });
    session.send({ type: 'open-text', channel: 1, ...n1, field: 'body' });
    session.send({ type: 'unsubscribe', ...n1 });
    session.send({ type: 'close-text', channel: 1 });
  }
  session.send({ type: 'subscribe', ...n1 });
  session.send({ type: 'open-text', channel: 2, ...n1, field: 'body' });
  await session.next('text-opened', ({ channel }) => channel === 2);
  session.send({ type: 'ping' });
  await session.next('pong');
  expect(session.messages.filter(({ type }) => type === 'error')).toEqual([]);

  const ada = openStockText(server.url, 'note/n1/body');
  await ada.whenSynced();
  ada.text.insert(0, 'once');
  await http('PATCH', '/api/note/n1', { body: { title: 'Once' } });
  await session.next('changed');
  const updates = (channel: number) => session.framesOf(channel).filter(({ kind }) => kind === 'update');
  await until(() => updates(2).length > 0, { describe: 'the update' });
  session.send({ type: 'ping' });
  await until(() => session.messages.filter(({ type }) => type === 'pong').length === 2, {
    describe: 'pong',
  });
  expect([updates(1).length, updates(2).length]).toEqual([0, 1]);
  expect(session.messages.filter(({ type }) => type === 'changed')).toHaveLength(1);
});
