import { expect, it } from 'vitest';
import { createSeededRandom, type SeededRandom } from '../../../test/support/seededRandom.ts';
import type { Down } from '../../protocol/messages/down.ts';
import { AT, createTestClient, say, toToken } from '../testSupport/createTestClient.ts';
import { ALICE, BOB, type FakeServer } from '../testSupport/fakeServer.ts';
import { FIELDS } from '../testSupport/noteDefinition.ts';

const RUNS = 10;
const MESSAGES = 400;

const item = { id: 'n1', fields: FIELDS, token: toToken('t1'), by: BOB, at: AT };

/** One of each kind, about what the client has open. */
function createMessages(key: string): Down[] {
  const conflict = { title: { was: 'a', is: 'b', want: 'c' } };
  return [
    { type: 'welcome', protocolVersion: 1, sessionId: 's', user: ALICE, expiresAt: 5_000_000 },
    { type: 'renewed', expiresAt: 5_000_000 },
    say.state('t1'),
    say.unchanged('t1'),
    say.status('missing'),
    say.status('deleted'),
    say.created('t1', FIELDS, key),
    say.changed('t2', { title: 'Changed', place: { floor: 1 } }, key),
    say.deleted('t3'),
    say.accepted(key, 't4', { title: 'Asked' }),
    say.conflict(key, 't4', conflict),
    say.rejected(key),
    { type: 'list', aggregate: 'note', items: [item, { ...item, id: 'n2' }] },
    { type: 'list-changed', aggregate: 'note', change: { kind: 'put', item } },
    { type: 'list-changed', aggregate: 'note', change: { kind: 'removed', id: 'n1' } },
    { type: 'text-opened', channel: 1, epoch: '0' },
    { type: 'text-closed', channel: 1, code: 4404, reason: 'gone' },
    { type: 'error', code: 'too-many-subscriptions', message: 'no', aggregate: 'note', id: 'n1' },
    { type: 'pong' },
  ];
}

// Stands for a value that is nested deeper than a stack is: such a text is easily written, but not by JSON.stringify.
const DEEP = 'deep';
const DEPTH = 20_000;

const NONSENSE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, '', '__proto__', 'note', '\ud800', DEEP, 'x'.repeat(10_000)],
  ...[[], {}, [[]], { status: 'existing' }, JSON.parse('{"__proto__":{"polluted":true},"constructor":{}}')],
];

/** Somewhere in it something is missing, doubled, of another message, or nonsense. */
function mutate(random: SeededRandom, value: unknown, other: unknown): unknown {
  const isLeaf = value === null || typeof value !== 'object' || Object.keys(value).length === 0;
  if (isLeaf || random.integer(6) === 0) return random.oneOf([...NONSENSE, other]);
  const key = random.oneOf(Object.keys(value));
  const copy = structuredClone(value) as Record<string, unknown>;
  const member = copy[key];
  const kind = random.integer(5);
  if (kind === 0) Reflect.deleteProperty(copy, key);
  else if (kind === 1) copy[random.oneOf(['type', 'id', 'key', 'extra', 'kind', 'status'])] = member;
  else copy[key] = mutate(random, member, other);
  return copy;
}

function toBytes(random: SeededRandom): ArrayBuffer {
  // Often the channel of the text, with a type that there is.
  const bytes = Uint8Array.from({ length: random.integer(40) }, () => random.integer(256));
  if (random.integer(2) === 0) bytes.set([1, random.oneOf([0, 1, 3, 100])].slice(0, bytes.length));
  return bytes.buffer;
}

function sayNonsense(random: SeededRandom, server: FakeServer, key: string): string {
  const kind = random.integer(10);
  if (kind === 0) {
    const bytes = toBytes(random);
    server.sayRaw(bytes);
    return Buffer.from(bytes).toString('hex');
  }
  const messages = createMessages(key);
  const text = JSON.stringify(mutate(random, random.oneOf(messages), random.oneOf(messages)));
  const cut = kind === 1 ? text.slice(0, random.integer(text.length)) : text;
  const said = cut.replaceAll(`"${DEEP}"`, '['.repeat(DEPTH) + ']'.repeat(DEPTH));
  server.sayRaw(said);
  return said;
}

it('[HAN11] goes on serving whatever a server has said before', async () => {
  for (let run = 0; run < RUNS; run++) {
    const random = createSeededRandom(run);
    const { server, weft, reports } = createTestClient();
    const note = weft.note('n1');
    const list = weft.list('note');
    await server.accept();
    server.say(say.state('t0'));
    note.text('body');
    for (let count = 0; count < MESSAGES; count++) {
      if (count % 40 === 0) void note.change({ remark: `remark ${count}` });
      if (count % 40 === 20) void note.run('close', { tag: 'done' });
      const key = server.all('command').at(-1)?.key ?? 'k';
      const said = sayNonsense(random, server, key);
      await Promise.resolve();
      // What is true now is told anew, as after any subscription.
      const title = `title ${count}`;
      server.say(say.state(`s${count}`, { title }));
      server.say({ type: 'list', aggregate: 'note', items: [{ ...item, id: title }] });
      const context = `run ${run}, message ${count}: ${said.slice(0, 300)}`;
      expect(weft.connection.peek(), context).toEqual({ state: 'online', user: ALICE });
      expect(note.peek(), context).toMatchObject({ status: 'existing', confirmed: { title } });
      expect(list.peek(), context).toMatchObject({ status: 'ready', freshness: 'live' });
      expect(
        list.peek().items.map(({ id }) => id),
        context,
      ).toContain(title);
    }
    const kinds = new Set(reports.map(({ kind }) => kind));
    expect(kinds).toContain('invalid-message');
    expect([...kinds].filter((kind) => kind === 'listener-failed')).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(server.sockets).toHaveLength(1);
    await weft.close();
  }
});
