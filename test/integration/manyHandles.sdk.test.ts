import { createClient, type ClientReport } from '@weft/client';
import { type Down, MAX_SUBSCRIPTIONS_PER_SESSION } from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { note } from '../../examples/notes/note.ts';
import { createCuttableLink } from '../support/cuttableLink.ts';
import { openGreetedSession, type RawSession } from '../support/rawSession.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

const HANDLES = 1_000;

/** Writes by hand, so that what the client hears is nobody's doing of its own. */
async function openWriter(url: string) {
  const session = await openGreetedSession(url, 'Ben');
  let written = 0;

  return async function write(kind: 'create' | 'change', ids: readonly string[], title: string) {
    for (const id of ids) {
      const command = kind === 'create' ? { kind, fields: { title } } : ({ kind, patch: { title } } as const);
      session.send({ type: 'command', key: `k${++written}`, aggregate: 'note', id, command });
    }
    await until(() => countOutcomes(session) === written, { describe: 'every outcome', timeoutMs: 25_000 });
  };
}

function countOutcomes({ messages }: RawSession): number {
  return messages.filter((message) => message.type === 'outcome' && message.outcome.outcome !== 'rejected')
    .length;
}

function join(url: string) {
  const heard: Down[] = [];
  const reports: ClientReport[] = [];
  const sockets: WebSocket[] = [];
  const weft = createClient({
    ...{ url, aggregates: [note], token: 'Ada' },
    onReport: (report) => reports.push(report),
    createSocket: (address) => {
      const socket = new WebSocket(address);
      socket.addEventListener('message', ({ data }) => heard.push(JSON.parse(String(data)) as Down));
      sockets.push(socket);
      return socket;
    },
  });
  onTestFinished(() => weft.close());
  return { weft, heard, reports, sockets };
}

test('[CON9] a thousand handles go on from their tokens after a reconnect, without gap or repeat', async () => {
  const server = await startTestServer();
  const link = await createCuttableLink(server.url);
  const write = await openWriter(server.url);
  const ids = Array.from({ length: HANDLES }, (_, index) => `n${index}`);
  await write('create', ids, 'created');
  const { weft, heard, reports, sockets } = join(link.url);
  const handles = ids.map((id) => weft.note(id));
  const show = (title: string, which = handles) =>
    until(() => which.every((handle) => handle.status === 'existing' && handle.fields.title === title), {
      describe: `'${title}' on every handle`,
    });
  await show('created');
  const seen = handles.map((handle) => {
    const titles: string[] = [];
    handle.subscribe(() => {
      const state = handle.peek();
      if (state.status === 'existing' && state.fields.title !== titles.at(-1))
        titles.push(state.fields.title);
    });
    return titles;
  });
  await write('change', ids, 'before');
  await show('before');

  link.cut();
  await until(() => weft.connection.peek().state !== 'online', { describe: 'the loss' });
  const missed = ids.filter((_, index) => index % 3 === 0);
  await write('change', missed, 'meanwhile');
  heard.length = 0;
  link.mend();
  weft.connection.reconnect();
  await until(() => handles.every((handle) => handle.peek().freshness === 'live'), {
    describe: 'live handles',
  });
  await write('change', ids, 'after');
  await show('after');

  handles.forEach((_, index) => {
    const between = index % 3 === 0 ? ['meanwhile'] : [];
    expect(seen[index]).toEqual(['before', ...between, 'after']);
  });
  const states = heard.flatMap((message) => (message.type === 'state' ? [message.state.status] : []));
  expect(states.filter((status) => status === 'unchanged')).toHaveLength(HANDLES - missed.length);
  expect(states.filter((status) => status === 'existing')).toHaveLength(missed.length);
  const open = sockets.filter(({ readyState }) => readyState === WebSocket.OPEN);
  expect(open).toHaveLength(1);
  expect(reports).toEqual([]);
});

test('[CON9] a handle beyond what a session may follow is named in a report, and does not look live', async () => {
  const server = await startTestServer();
  const { weft, reports } = join(server.url);
  const handles = Array.from({ length: MAX_SUBSCRIPTIONS_PER_SESSION + 1 }, (_, index) =>
    weft.note(`n${index}`),
  );
  const served = handles.slice(0, -1);
  const beyond = handles.at(-1)!;
  await until(() => served.every((handle) => handle.peek().freshness === 'live'), { describe: 'the others' });
  expect(await until(() => reports[0], { describe: 'a report' })).toMatchObject({
    kind: 'server-error',
    code: 'too-many-subscriptions',
    detail: expect.stringContaining(`note n${MAX_SUBSCRIPTIONS_PER_SESSION} `) as string,
  });
  expect(reports).toHaveLength(1);
  expect(beyond.peek()).toMatchObject({ status: 'loading', freshness: 'cached' });
});

test('[CON9] a session that follows all that it may can still ask anew for what it follows', async () => {
  const server = await startTestServer();
  const session = await openGreetedSession(server.url);
  for (let index = 0; index < MAX_SUBSCRIPTIONS_PER_SESSION; index++) {
    session.send({ type: 'subscribe', aggregate: 'note', id: `n${index}` });
  }
  const countStates = () => session.messages.filter(({ type }) => type === 'state').length;
  await until(() => countStates() === MAX_SUBSCRIPTIONS_PER_SESSION, { describe: 'every state' });
  session.send({ type: 'subscribe', aggregate: 'note', id: 'n0' });
  session.send({ type: 'subscribe', aggregate: 'note', id: 'beyond' });
  expect(await session.next('error')).toMatchObject({
    ...{ code: 'too-many-subscriptions', aggregate: 'note', id: 'beyond' },
  });
  expect(countStates()).toBe(MAX_SUBSCRIPTIONS_PER_SESSION + 1);
});
