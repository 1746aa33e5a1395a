import { createJwtAuthenticate } from '@weft/server';
import { SignJWT } from 'jose';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Connection } from '../../client-sdk/src/connection/connection.ts';
import { systemClock } from '../../client-sdk/src/connection/clock.ts';
import { toSessionUrl } from '../../client-sdk/src/connection/toSessionUrl.ts';
import { watchNetwork } from '../../client-sdk/src/connection/watchNetwork.ts';
import { createManualClock } from '../../client-sdk/src/testSupport/manualClock.ts';
import type { Authenticate } from '../../server/src/auth/authenticate.ts';
import { openRawSession } from '../support/rawSession.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

// Shorter than the silence after which a socket is closed anyway.
const LIFE = 10_000;

/** Tokens are `name` or `name until <milliseconds>`; of `nobody` none is good. */
const authenticate: Authenticate = ({ token = '' }) => {
  const [name = '', , expiry] = token.split(' ');
  return Promise.resolve(
    name === 'nobody'
      ? { outcome: 'refused', detail: 'nobody is known' }
      : {
          outcome: 'authenticated',
          user: { id: name, name },
          expiresAt: expiry === undefined ? undefined : Number(expiry),
        },
  );
};

async function setUp(token: (now: number) => string = (now) => `Ada until ${now + LIFE}`) {
  const clock = createManualClock();
  const server = await startTestServer({ clock, authenticate });
  const session = await openRawSession(server.url);
  session.send({ type: 'hello', protocolVersion: 1, token: token(clock.now()) });
  const welcome = await session.next('welcome');
  return { clock, server, session, welcome };
}

test('[CON8] the welcome says when the token expires, and then the session ends', async () => {
  const { clock, session, welcome } = await setUp();
  expect(welcome.expiresAt).toBe(clock.now() + LIFE);
  clock.advance(LIFE - 1);
  session.send({ type: 'ping' });
  await session.next('pong');
  clock.advance(1);
  expect(await session.closed()).toBe(4401);
});

test('[CON8] a session whose token never expires goes on, and says nothing of an expiry', async () => {
  const { clock, session, welcome } = await setUp(() => 'Ada');
  expect(welcome).not.toHaveProperty('expiresAt');
  for (let minute = 0; minute < 10; minute++) {
    clock.advance(10_000);
    session.send({ type: 'ping' });
    await until(() => session.messages.filter(({ type }) => type === 'pong').length > minute, {
      describe: 'a pong',
    });
  }
  expect(session.socket.readyState).toBe(session.socket.OPEN);
});

test('[CON8] a session goes on by a renewed token, as the same person, with its subscriptions', async () => {
  const { clock, session } = await setUp();
  const n1 = { aggregate: 'note', id: 'n1' };
  session.send({ type: 'subscribe', ...n1 });
  await session.next('state');
  const expiresAt = clock.now() + 3 * LIFE;
  session.send({ type: 'renew', token: `Ada until ${expiresAt}` });
  expect(await session.next('renewed')).toEqual({ type: 'renewed', expiresAt });
  clock.advance(2 * LIFE);
  session.send({ type: 'command', key: 'k1', ...n1, command: { kind: 'create', fields: { title: 'Plan' } } });
  expect(await session.next('changed')).toMatchObject({ by: { id: 'Ada' } });
  session.send({ type: 'renew', token: 'Ada' });
  expect(await session.next('renewed', ({ expiresAt: at }) => at === undefined)).toEqual({ type: 'renewed' });
  clock.advance(2 * LIFE);
  session.send({ type: 'ping' });
  await session.next('pong');
});

test.each([
  ['is refused', 'nobody'],
  ['is of another person', 'Ben until 9999999999999'],
])('[CON8] a token that %s ends the session', async (_case, token) => {
  const { session } = await setUp();
  session.send({ type: 'renew', token });
  expect(await session.closed()).toBe(4401);
  expect(session.messages.some(({ type }) => type === 'renewed')).toBe(false);
});

test('[CON8] a client keeps its session beyond the life of its first token', async () => {
  const secret = 'a secret of thirty-two characters';
  const server = await startTestServer({ authenticate: createJwtAuthenticate({ kind: 'secret', secret }) });
  let count = 0;
  const readToken = vi.fn(() => {
    const expiry = Date.now() / 1000 + 2;
    return new SignJWT({ sub: 'Ada', exp: expiry, jti: String(++count) })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(secret));
  });
  const createSocket = vi.fn((url: string) => new WebSocket(url));
  const report = vi.fn();
  const connection = new Connection({
    ...{ url: toSessionUrl(server.url), readToken, createSocket, watchNetwork, report },
    ...{ clock: systemClock, random: () => 0 },
  });
  onTestFinished(() => connection.close());
  connection.start({ onReach: () => undefined, onMessage: () => undefined, onFrame: () => undefined });
  await until(() => connection.peek().state === 'online', { describe: 'the session' });
  const seen: string[] = [];
  connection.subscribe(() => seen.push(connection.peek().state));
  await until(() => count >= 5, { describe: 'a fifth token' });
  expect(seen).toEqual([]);
  expect(createSocket).toHaveBeenCalledOnce();
  expect(report).not.toHaveBeenCalled();
});
