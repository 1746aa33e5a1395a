import type { Down, Up } from '@weft/client/protocol';
import { CLOSE_CODES, defineAggregate, text } from '@weft/client/protocol';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createManualClock } from '../../../client-sdk/src/testing/manualClock.ts';
import { createInProcessServer, type InProcessServerOptions } from './index.ts';

const note = defineAggregate('note', { fields: { title: z.string() }, text: { body: text() } });
const ADDRESS = { aggregate: 'note', id: 'n1' };

/** A server, and a client's end of a session that writes down what it is told. */
async function start(options: Partial<InProcessServerOptions> = {}) {
  const clock = createManualClock();
  let ids = 0;
  const createId = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const server = createInProcessServer({ aggregates: [note], clock, createId, ...options });
  const heard: Down[] = [];
  const closes: number[] = [];
  const session = server.openSession({
    onFrame: (frame) => typeof frame === 'string' && heard.push(JSON.parse(frame) as Down),
    onClose: (code) => closes.push(code),
  });
  const say = async (...messages: Up[]) => {
    for (const message of messages) session.receive(JSON.stringify(message));
    await setImmediate();
  };
  await say({ type: 'hello', protocolVersion: 1, token: 'Ada' });
  const create = (key: string, id = 'n1') =>
    ({
      type: 'command',
      key,
      aggregate: 'note',
      id,
      command: { kind: 'create', fields: { title: 'Plan' } },
    }) as const satisfies Up;
  return { server, clock, session, heard, closes, say, create };
}

test('[TST1] a session is served without a socket', async () => {
  const { server, heard, say, create } = await start();
  await say(create('k1'));
  await say({ type: 'subscribe', ...ADDRESS });
  expect(heard).toMatchObject([
    { type: 'welcome', user: { id: 'Ada' } },
    { type: 'outcome', key: 'k1', outcome: { outcome: 'accepted' } },
    { type: 'state', state: { status: 'existing', fields: { title: 'Plan' } } },
  ]);
  await server.close();
});

test('[TST1] what breaks the protocol is refused as over a socket', async () => {
  const { server, session, closes, heard } = await start();
  session.receive('{"type":"hello"');
  session.receive('{"type":"ping"}');
  await setImmediate();
  expect(closes).toEqual([CLOSE_CODES['invalid-message']]);
  expect(heard.map(({ type }) => type)).toEqual(['welcome']);
  await server.close();
});

test('[TST1] who sends faster than is served is read later, and in order', async () => {
  const { server, heard, say, create } = await start();
  const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
  await say(...keys.map((key) => create(key, `note-${key}`)));
  const outcomes = heard.filter((message) => message.type === 'outcome');
  expect(outcomes.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
  await server.close();
});

test('[TST1] a server that is closed sends everybody away and leaves no timer', async () => {
  const { server, clock, closes, say, create } = await start();
  await say(create('k1'));
  await say({ type: 'open-text', channel: 1, ...ADDRESS, field: 'body' });
  const edit = { kind: 'text', text: 'Buy milk' } as const;
  const by = { user: { id: 'Ada', name: 'Ada' }, base: undefined };
  const edited = server.texts.edit({ ...ADDRESS, field: 'body' }, edit, by);
  await setImmediate();
  clock.advance(100);
  expect((await edited).outcome).toBe('edited');
  await server.close();
  expect(closes).toEqual([CLOSE_CODES.unavailable]);
  expect(clock.timers).toBe(0);
  server.openSession({ onFrame: () => undefined, onClose: (code) => closes.push(code) });
  expect(closes).toEqual([CLOSE_CODES.unavailable, CLOSE_CODES.unavailable]);
});

test('[TST1] bytes that are sent are copies', async () => {
  const { server, say, create } = await start();
  await say(create('k1'));
  const frames: Uint8Array[] = [];
  const listener = server.openSession({
    onFrame: (frame) => typeof frame !== 'string' && frames.push(frame),
    onClose: () => undefined,
  });
  const messages: Up[] = [
    { type: 'hello', protocolVersion: 1, token: 'Ben' },
    { type: 'open-text', channel: 1, ...ADDRESS, field: 'body' },
  ];
  for (const message of messages) listener.receive(JSON.stringify(message));
  await setImmediate();
  expect(frames.length).toBeGreaterThan(0);
  for (const frame of frames) expect(frame.buffer.byteLength).toBe(frame.byteLength);
  await server.close();
});
