import { expect, it } from 'vitest';
import { createTestClient, say } from '../testSupport/createTestClient.ts';
import { FIELDS } from '../testSupport/noteDefinition.ts';
import { MAX_COMMANDS_UNDER_WAY, SendWindow } from './sendWindow.ts';

/** Sends `count` commands, one after the other: the next when the one before is answered. */
function createSender(name: string, count: number, sent: string[]) {
  let next = 0;
  let isUnderWay = false;
  return {
    sendNext: () => {
      if (isUnderWay || next === count) return undefined;
      isUnderWay = true;
      const key = `${name}${next++}`;
      sent.push(key);
      return key;
    },
    receiveOutcome: () => {
      isUnderWay = false;
    },
  };
}

it('[OFF10] lets a bounded number of commands be under way, and everybody have a turn', () => {
  const sent: string[] = [];
  const window = new SendWindow();
  const senders = Array.from({ length: 100 }, (_, index) => createSender(`${index}-`, 2, sent));
  for (const sender of senders) window.ask(sender);
  expect(sent).toHaveLength(MAX_COMMANDS_UNDER_WAY);
  for (let index = 0; index < sent.length; index++) {
    const key = sent[index] ?? '';
    const sender = window.take(key);
    sender?.receiveOutcome(key, { outcome: 'rejected', code: 'internal', detail: '' });
    if (sender) window.ask(sender);
    expect(sent.length - index - 1).toBeLessThanOrEqual(MAX_COMMANDS_UNDER_WAY);
  }
  expect(sent).toHaveLength(200);
  // Nobody's second one goes before everybody's first.
  expect(new Set(sent.slice(0, 100).map((key) => key.split('-')[0])).size).toBe(100);
});

it('[OFF10] forgets what was under way when the session is gone, and who has left', () => {
  const sent: string[] = [];
  const window = new SendWindow();
  const [gone, other] = [createSender('a', 1, sent), createSender('b', 1, sent)];
  window.ask(gone);
  window.ask(other);
  window.leave(gone);
  expect(window.take('a0')).toBeUndefined();
  window.reset();
  expect(window.take('b0')).toBeUndefined();
});

it('[OFF10] [HAN3] thousands of commands of one aggregate go out in order', async () => {
  const { server, weft, clock } = createTestClient();
  const handle = weft.note('n1');
  await server.accept();
  server.say(say.state('t0'));
  server.lose();
  const asked = Array.from({ length: 3_000 }, (_, index) => handle.change({ title: `title ${index}` }));
  await Promise.all(asked);
  expect(weft.saveState.peek()).toEqual({ status: 'offline', pending: 3_000 });
  clock.advance(15_000);
  await server.accept({ attempt: 2 });
  server.say(say.unchanged('t0'));
  for (let index = 0; index < 3_000; index++) {
    const { key, command } = server.socket.messages.at(-1) as ReturnType<typeof server.take<'command'>>;
    expect(command).toMatchObject({ patch: { title: `title ${index}` } });
    const fields = { ...FIELDS, title: `title ${index}` };
    server.say(say.changed(`t${index + 1}`, { title: fields.title }, key));
    server.say(say.accepted(key, `t${index + 1}`, fields));
  }
  expect(handle.peek()).toMatchObject({ fields: { title: 'title 2999' }, pending: [] });
  expect(weft.saveState.peek()).toEqual({ status: 'saved' });
});
