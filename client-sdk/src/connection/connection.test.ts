import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { User } from '../../protocol/user.ts';
import type { ClientReport } from '../lifecycle/clientReport.ts';
import { ALICE, BOB, createFakeServer } from '../testSupport/fakeServer.ts';
import { createManualClock } from '../testSupport/manualClock.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { type WatchNetwork, watchNetwork } from './watchNetwork.ts';

type Options = Partial<Pick<ConnectionOptions, 'readToken' | 'createSocket' | 'admit'>>;

function connect({ readToken = () => undefined, createSocket, admit }: Options = {}) {
  const server = createFakeServer();
  const clock = createManualClock();
  const reports: ClientReport[] = [];
  const network: { current?: Parameters<WatchNetwork>[0] } = {};
  const handlers = { onReach: vi.fn(), onMessage: vi.fn(), onFrame: vi.fn() };
  const connection = new Connection({
    url: 'ws://server/weft?v=1',
    readToken,
    admit,
    createSocket: createSocket ?? server.createSocket,
    watchNetwork: (told) => {
      network.current = told;
      return () => delete network.current;
    },
    clock,
    random: () => 0.5,
    report: (report) => reports.push(report),
  });
  onTestFinished(() => connection.close());
  connection.start(handlers);

  /** As `server.accept`, by a server that says how long the token lives yet. */
  async function acceptFor(life: number, attempt = 1): Promise<void> {
    await vi.waitFor(() => expect(server.sockets).toHaveLength(attempt), { interval: 1 });
    server.socket.open();
    const expiresAt = clock.now() + life;
    server.say({ type: 'welcome', protocolVersion: 1, sessionId: 's', user: ALICE, expiresAt });
  }

  return { server, clock, reports, connection, network, acceptFor, ...handlers };
}

const state = { type: 'state', aggregate: 'note', id: 'n1', state: { status: 'missing' } } as const;

describe('a session', () => {
  it('[SES1] begins with the hello and its token', async () => {
    const { server, connection } = connect({ readToken: () => Promise.resolve('secret') });
    expect(connection.peek()).toEqual({ state: 'connecting' });
    await server.accept();
    expect(server.socket.url).toBe('ws://server/weft?v=1');
    expect(server.socket.binaryType).toBe('arraybuffer');
    expect(server.socket.messages).toEqual([{ type: 'hello', protocolVersion: 1, token: 'secret' }]);
    expect(connection.peek()).toEqual({ state: 'online', user: ALICE });
  });

  it('[CON3] is refused for good where the token is still the one that was refused', async () => {
    const { server, clock, connection } = connect({ readToken: () => 'stale' });
    await server.accept();
    server.lose(4401, 'the token has expired');
    const refused = { state: 'refused', reason: 'unauthenticated', detail: 'the token has expired' };
    await vi.waitFor(() => expect(connection.peek()).toEqual(refused), { interval: 1 });
    clock.advance(3_600_000);
    expect(server.sockets).toHaveLength(1);
  });

  it('[CON3] reads the token anew after a refusal, once, and whenever it is asked to', async () => {
    const tokens = ['stale', 'fresh', 'fresher'];
    const readToken = vi.fn(() => tokens.shift());
    const { server, clock, connection } = connect({ readToken });
    await server.accept();
    server.lose(4401, 'the token has expired');
    await vi.waitFor(() => expect(server.sockets).toHaveLength(2), { interval: 1 });
    server.socket.open();
    expect(server.socket.messages[0]).toMatchObject({ token: 'fresh' });
    server.lose(4401, 'nor is this one valid');
    expect(connection.peek()).toMatchObject({ state: 'refused', detail: 'nor is this one valid' });
    clock.advance(3_600_000);
    expect(server.sockets).toHaveLength(2);
    connection.reconnect();
    await server.accept({ attempt: 3, user: BOB });
    expect(server.socket.messages[0]).toMatchObject({ token: 'fresher' });
    expect(connection.peek()).toEqual({ state: 'online', user: BOB });
    expect(readToken).toHaveBeenCalledTimes(3);
  });

  it.each([
    [4400, 'invalid-message'],
    [4403, 'forbidden'],
    [4426, 'protocol-version'],
    [4499, 'unknown'],
  ])('[CON3] is refused at once and for good: %i, %s', async (code, reason) => {
    const { server, clock, connection } = connect({ readToken: () => crypto.randomUUID() });
    await server.accept();
    server.lose(code, 'go away');
    expect(connection.peek()).toEqual({ state: 'refused', reason, detail: 'go away' });
    clock.advance(3_600_000);
    expect(server.sockets).toHaveLength(1);
  });

  it('[CON10] is refused before anything is sent or told where it is somebody else’s', async () => {
    const admit = vi.fn((user: User) => (user.id === ALICE.id ? 'this is kept for Bob' : undefined));
    const { server, connection, onReach, clock } = connect({ admit });
    const seen: string[] = [];
    connection.subscribe(() => seen.push(connection.peek().state));
    const first = await server.accept();
    expect(admit).toHaveBeenCalledExactlyOnceWith(ALICE);
    expect(connection.peek()).toEqual({
      state: 'refused',
      reason: 'other-person',
      detail: 'this is kept for Bob',
    });
    expect(first.isClosedByClient).toBe(true);
    expect(first.messages.map(({ type }) => type)).toEqual(['hello']);
    expect(seen).toEqual(['refused']);
    expect(onReach).toHaveBeenCalledExactlyOnceWith('down');
    expect(connection.knownUser).toBeUndefined();
    clock.advance(3_600_000);
    expect(server.sockets).toHaveLength(1);
    connection.reconnect();
    await server.accept({ attempt: 2, user: BOB });
    expect(connection.peek()).toEqual({ state: 'online', user: BOB });
  });

  it('[CON10] waits until it is started, whatever is asked of it before', async () => {
    const server = createFakeServer();
    const clock = createManualClock();
    const options = {
      ...{ url: 'ws://server', readToken: () => undefined, createSocket: server.createSocket, clock },
      ...{ watchNetwork, random: () => 0.5, report: () => undefined },
    };
    const connection = new Connection(options);
    const neverStarted = new Connection(options);
    onTestFinished(() => connection.close());
    const listener = vi.fn();
    connection.subscribe(listener);
    connection.reconnect();
    connection.renewToken();
    await Promise.resolve();
    expect(connection.peek()).toEqual({ state: 'connecting' });
    expect(connection.reach).toBe('expected');
    expect(server.sockets).toEqual([]);
    const handlers = { onReach: vi.fn(), onMessage: vi.fn(), onFrame: vi.fn() };
    connection.start(handlers);
    await server.accept();
    expect(handlers.onReach).toHaveBeenCalledExactlyOnceWith('online');
    expect(listener).toHaveBeenCalledOnce();

    neverStarted.close();
    neverStarted.start(handlers);
    await Promise.resolve();
    expect(neverStarted.peek()).toEqual({ state: 'closed' });
    expect(server.sockets).toHaveLength(1);
  });

  it('[CON2] is opened again after a loss, at the time that the state tells', async () => {
    const { server, clock, connection } = connect();
    await server.accept();
    server.lose();
    expect(connection.peek()).toEqual({ state: 'offline', retryAt: clock.now() + 125 });
    clock.advance(124);
    expect(connection.peek()).toMatchObject({ state: 'offline' });
    clock.advance(1);
    expect(connection.peek()).toEqual({ state: 'connecting' });
    await server.accept({ attempt: 2 });
    expect(connection.peek()).toMatchObject({ state: 'online' });
  });

  it('[CON6] is given up when the network is gone, and tried at once when it is back', async () => {
    const { server, connection, network } = connect();
    const first = await server.accept();
    network.current?.onGone();
    expect(first.isClosedByClient).toBe(true);
    expect(connection.peek()).toMatchObject({ state: 'offline' });
    network.current?.onBack();
    expect(connection.peek()).toEqual({ state: 'connecting' });
    await server.accept({ attempt: 2 });
    network.current?.onBack();
    expect(connection.peek()).toMatchObject({ state: 'online' });
    expect(server.sockets).toHaveLength(2);
  });

  it('[CON7] is pinged at once when the page is shown, and replaced where no answer comes soon', async () => {
    const { server, clock, network } = connect();
    const first = await server.accept();
    network.current?.onShown();
    network.current?.onShown();
    expect(server.all('ping')).toHaveLength(1);
    clock.advance(4_999);
    expect(first.isClosedByClient).toBe(false);
    clock.advance(1);
    expect(first.isClosedByClient).toBe(true);
  });

  it('[CON7] is tried at once when the page is shown', async () => {
    const { server, clock, connection, network } = connect();
    await server.accept();
    server.lose();
    expect(connection.peek()).toMatchObject({ state: 'offline' });
    network.current?.onShown();
    expect(connection.peek()).toEqual({ state: 'connecting' });
    await server.accept({ attempt: 2 });
    network.current?.onShown();
    server.say({ type: 'pong' });
    clock.advance(10_000);
    expect(connection.peek()).toMatchObject({ state: 'online' });
  });

  it('[CON1] hears nothing of a socket that was replaced', async () => {
    const { server, connection, onMessage } = connect();
    const first = await server.accept();
    const said = first.onmessage;
    connection.reconnect();
    expect(first.isClosedByClient).toBe(true);
    expect(first.isListenedTo).toBe(false);
    // What was already on its way to a handler that is no longer set.
    said?.call(undefined as never, new MessageEvent('message', { data: JSON.stringify(state) }));
    expect(onMessage).not.toHaveBeenCalled();
    await server.accept({ attempt: 2 });
    server.say(state);
    expect(onMessage).toHaveBeenCalledExactlyOnceWith(state);
  });

  it('[CON5] is replaced where the server answers no ping', async () => {
    const { server, clock, connection } = connect();
    const first = await server.accept();
    clock.advance(20_000);
    expect(server.all('ping')).toHaveLength(1);
    clock.advance(24_999);
    expect(connection.peek()).toMatchObject({ state: 'online' });
    clock.advance(1);
    expect(first.isClosedByClient).toBe(true);
    clock.advance(125);
    await server.accept({ attempt: 2 });
    expect(connection.peek()).toMatchObject({ state: 'online' });
  });

  it('[CON5] is kept while anything is heard', async () => {
    const { server, clock, connection, reports } = connect();
    await server.accept();
    for (let ping = 1; ping <= 5; ping++) {
      clock.advance(20_000);
      expect(server.all('ping')).toHaveLength(ping);
      server.say({ type: 'pong' });
    }
    expect(server.sockets).toHaveLength(1);
    expect(connection.peek()).toMatchObject({ state: 'online' });
    expect(reports).toEqual([]);
  });

  it('[CON5] is given up where it is not welcomed in time', async () => {
    const { server, clock, connection } = connect();
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
    server.socket.open();
    clock.advance(15_000);
    expect(server.socket.isClosedByClient).toBe(true);
    expect(connection.peek()).toMatchObject({ state: 'offline' });
  });
});

describe('failures before there is a session', () => {
  it('[CON2] tries again where the token cannot be had, and reports it', async () => {
    const failure = new Error('the login service is down');
    const { clock, connection, reports, server } = connect({ readToken: () => Promise.reject(failure) });
    await vi.waitFor(() => expect(connection.peek()).toMatchObject({ state: 'offline' }));
    expect(reports).toEqual([{ kind: 'connect-failed', error: failure }]);
    clock.advance(125);
    await vi.waitFor(() => expect(reports).toHaveLength(2));
    expect(server.sockets).toEqual([]);
  });

  it('[CON2] tries again where no socket can be made', async () => {
    const failure = new Error('blocked by the page’s policy');
    const { connection, reports } = connect({
      createSocket: () => {
        throw failure;
      },
    });
    await vi.waitFor(() => expect(connection.peek()).toMatchObject({ state: 'offline' }));
    expect(reports).toEqual([{ kind: 'connect-failed', error: failure }]);
  });

  it('[CON1] opens no socket for a token that comes after the attempt was given up', async () => {
    const token = Promise.withResolvers<string>();
    const { clock, connection, server } = connect({ readToken: () => token.promise });
    clock.advance(15_000);
    expect(connection.peek()).toMatchObject({ state: 'offline' });
    token.resolve('late');
    await token.promise;
    await Promise.resolve();
    expect(server.sockets).toEqual([]);
  });
});

describe('a token that expires', () => {
  const HOUR = 3_600_000;

  function rotate(...tokens: (string | undefined)[]) {
    return vi.fn(() => tokens.shift());
  }

  /** Answers pings meanwhile, so that the session lives. */
  async function pass({ clock, server }: ReturnType<typeof connect>, milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 10_000) {
      clock.advance(Math.min(10_000, milliseconds - passed));
      server.say({ type: 'pong' });
      await setImmediate();
    }
  }

  it('[CON8] is renewed on the running session, before its end', async () => {
    const world = connect({ readToken: rotate('first', 'second', 'third') });
    const { server, connection, clock, reports, onMessage } = world;
    await world.acceptFor(HOUR);
    const seen = vi.fn();
    connection.subscribe(seen);
    await pass(world, 0.76 * HOUR - 1);
    expect(server.all('renew')).toEqual([]);
    clock.advance(1);
    await vi.waitFor(() => expect(server.all('renew')).toEqual([{ type: 'renew', token: 'second' }]));
    await pass(world, 0.2 * HOUR);
    expect(server.all('renew')).toHaveLength(1);
    server.say({ type: 'renewed', expiresAt: clock.now() + HOUR });
    await pass(world, 0.76 * HOUR);
    expect(server.all('renew').slice(1)).toEqual([{ type: 'renew', token: 'third' }]);
    expect(server.sockets).toHaveLength(1);
    expect(seen).not.toHaveBeenCalled();
    expect(onMessage).not.toHaveBeenCalledWith(expect.objectContaining({ type: 'renewed' }));
    expect(reports).toEqual([]);
  });

  it('[CON8] is renewed at once when the application asks', async () => {
    const world = connect({ readToken: rotate('first', 'second') });
    const { server, connection } = world;
    await world.acceptFor(HOUR);
    connection.renewToken();
    await vi.waitFor(() => expect(server.all('renew')).toEqual([{ type: 'renew', token: 'second' }]));
    expect(server.sockets).toHaveLength(1);
  });

  it('[CON8] is not sent again while it is the same', async () => {
    const readToken = vi.fn(() => 'static');
    const world = connect({ readToken });
    const { server, connection } = world;
    await world.acceptFor(HOUR);
    connection.renewToken();
    await pass(world, HOUR);
    expect(server.all('renew')).toEqual([]);
    expect(readToken.mock.calls.length).toBeLessThan(20);
    server.lose(4401, 'the token has expired');
    await vi.waitFor(() => expect(connection.peek()).toMatchObject({ state: 'refused' }));
    expect(server.sockets).toHaveLength(1);
  });

  it('[CON8] that cannot be had is reported and tried again', async () => {
    const failure = new Error('the login service is down');
    let isDown = false;
    let count = 0;
    const readToken = () => {
      if (isDown) throw failure;
      return `token ${++count}`;
    };
    const world = connect({ readToken });
    const { server, clock, connection, reports } = world;
    await world.acceptFor(HOUR);
    isDown = true;
    connection.renewToken();
    await vi.waitFor(() => expect(reports).toEqual([{ kind: 'connect-failed', error: failure }]));
    clock.advance(250);
    await vi.waitFor(() => expect(reports).toHaveLength(2));
    isDown = false;
    clock.advance(500);
    await vi.waitFor(() => expect(server.all('renew')).toEqual([{ type: 'renew', token: 'token 2' }]));
    expect(connection.peek()).toMatchObject({ state: 'online' });
    expect(server.sockets).toHaveLength(1);
  });

  it('[CON8] is read anew for a new session where it was refused', async () => {
    const world = connect({ readToken: rotate('first', 'second', 'third') });
    const { server, connection } = world;
    await world.acceptFor(HOUR);
    connection.renewToken();
    await vi.waitFor(() => expect(server.all('renew')).toHaveLength(1));
    server.lose(4401, 'the token is not valid');
    await world.acceptFor(HOUR, 2);
    expect(server.all('hello')).toMatchObject([{ token: 'third' }]);
    expect(connection.peek()).toMatchObject({ state: 'online' });
  });

  it('[CON8] of a server that does not know of renewals is shown to it on a new session', async () => {
    const { server, connection } = connect({ readToken: rotate('first', 'second') });
    const first = await server.accept();
    connection.renewToken();
    await server.accept({ attempt: 2 });
    expect(first.isClosedByClient).toBe(true);
    expect(first.messages).toHaveLength(1);
    expect(server.all('hello')).toMatchObject([{ token: 'second' }]);
  });

  it('[CON8] ends the session where there is none any more', async () => {
    const world = connect({ readToken: rotate('first', undefined) });
    const { server, connection } = world;
    await world.acceptFor(HOUR);
    connection.renewToken();
    await server.accept({ attempt: 2, user: BOB });
    expect(server.all('hello')).toEqual([{ type: 'hello', protocolVersion: 1 }]);
    expect(connection.peek()).toEqual({ state: 'online', user: BOB });
  });

  it('[HAN10] leaves nothing behind where the client is closed while it is read', async () => {
    const token = Promise.withResolvers<string>();
    const tokens = [Promise.resolve('first'), token.promise];
    const world = connect({ readToken: () => tokens.shift() });
    await world.acceptFor(HOUR);
    world.connection.renewToken();
    world.connection.close();
    token.reject(new Error('too late'));
    await token.promise.catch(() => undefined);
    await Promise.resolve();
    expect(world.reports).toEqual([]);
    expect(world.clock.timers).toBe(0);
  });
});

describe('what makes no sense', () => {
  const nonsense: [string, unknown][] = [
    ['no JSON', '{"type":'],
    ['no message', '{"type":"unheard-of"}'],
    ['a message without its parts', '{"type":"state","aggregate":"note"}'],
    [
      'a second welcome',
      JSON.stringify({ type: 'welcome', protocolVersion: 1, sessionId: 's', user: ALICE }),
    ],
    ['an answer to nothing that was asked', '{"type":"outcome","key":1}'],
    ['more levels than any value has', `${'['.repeat(129)}${']'.repeat(129)}`],
    ['an empty frame', new ArrayBuffer(0)],
    ['neither text nor bytes', 42],
  ];

  it.each(nonsense)('[HAN11] is reported and ignored: %s', async (_what, data) => {
    const { server, connection, reports, onMessage, onFrame } = connect();
    await server.accept();
    server.sayRaw(data);
    expect(reports).toEqual([{ kind: 'invalid-message', detail: expect.any(String) }]);
    server.say(state);
    expect(onMessage).toHaveBeenCalledExactlyOnceWith(state);
    expect(onFrame).not.toHaveBeenCalled();
    expect(connection.peek()).toMatchObject({ state: 'online' });
  });

  it('[HAN11] includes anything before the welcome', async () => {
    const { server, reports, onMessage } = connect();
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
    server.socket.open();
    server.say(state);
    expect(onMessage).not.toHaveBeenCalled();
    expect(reports).toHaveLength(1);
  });
});

describe('listeners', () => {
  it('[CON3] hear each change of the state once, and none of each other’s errors', async () => {
    const { server, connection, reports } = connect();
    const seen: string[] = [];
    connection.subscribe(() => {
      throw new Error('a listener failed');
    });
    connection.subscribe(() => seen.push(connection.peek().state));
    await server.accept();
    server.say({ type: 'pong' });
    expect(seen).toEqual(['online']);
    expect(reports).toEqual([{ kind: 'listener-failed', error: new Error('a listener failed') }]);
    expect(connection.peek()).toBe(connection.peek());
  });

  it('[CON1] may reconnect from within', async () => {
    const { server, connection } = connect();
    let isFirst = true;
    connection.subscribe(() => {
      if (isFirst) connection.reconnect();
      isFirst = false;
    });
    await server.accept();
    await server.accept({ attempt: 2, user: BOB });
    expect(connection.peek()).toEqual({ state: 'online', user: BOB });
    expect(server.sockets).toHaveLength(2);
  });
});

it('[HAN10] leaves no timer, socket or listener when it is closed, in whatever state', async () => {
  const opening = connect();
  const waiting = connect();
  const online = connect();
  await Promise.all([waiting.server.accept(), online.server.accept()]);
  waiting.server.lose();
  for (const { connection, clock, server, network } of [opening, waiting, online]) {
    const listener = vi.fn();
    connection.subscribe(listener);
    connection.close();
    connection.close();
    expect(listener).toHaveBeenCalledOnce();
    expect(connection.peek()).toEqual({ state: 'closed' });
    connection.reconnect();
    expect(connection.peek()).toEqual({ state: 'closed' });
    expect(clock.timers).toBe(0);
    expect(network.current).toBeUndefined();
    expect(server.sockets.filter((socket) => socket.isListenedTo || !socket.isClosedByClient)).toEqual([]);
  }
});

describe('watching the network', () => {
  it('[CON6] listens to the page until it is stopped', () => {
    const page = new EventTarget();
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    onTestFinished(() => void vi.unstubAllGlobals());
    const told = { onGone: vi.fn(), onBack: vi.fn(), onShown: vi.fn() };
    const stop = watchNetwork(told);
    page.dispatchEvent(new Event('offline'));
    expect(told.onGone).toHaveBeenCalledOnce();
    page.dispatchEvent(new Event('online'));
    expect(told.onBack).toHaveBeenCalledOnce();
    stop();
    page.dispatchEvent(new Event('offline'));
    expect(told.onGone).toHaveBeenCalledOnce();
  });

  it('[CON7] notices that the page is shown, also when it comes back from the browser’s cache', () => {
    const page = new EventTarget();
    const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    vi.stubGlobal('document', document);
    onTestFinished(() => void vi.unstubAllGlobals());
    const onShown = vi.fn();
    const stop = watchNetwork({ onGone: vi.fn(), onBack: vi.fn(), onShown });
    document.dispatchEvent(new Event('visibilitychange'));
    expect(onShown).not.toHaveBeenCalled();
    document.visibilityState = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
    expect(onShown).toHaveBeenCalledTimes(1);
    page.dispatchEvent(new Event('pageshow'));
    expect(onShown).toHaveBeenCalledTimes(2);
    stop();
    document.dispatchEvent(new Event('visibilitychange'));
    page.dispatchEvent(new Event('pageshow'));
    expect(onShown).toHaveBeenCalledTimes(2);
  });

  it('[CON6] does without where there is no page', () => {
    vi.stubGlobal('addEventListener', undefined);
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(() => watchNetwork({ onGone: vi.fn(), onBack: vi.fn(), onShown: vi.fn() })()).not.toThrow();
  });
});
