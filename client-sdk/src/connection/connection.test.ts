import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ClientReport } from '../lifecycle/clientReport.ts';
import { ALICE, BOB, createFakeServer } from '../testSupport/fakeServer.ts';
import { createManualClock } from '../testSupport/manualClock.ts';
import { Connection, type ReadToken } from './connection.ts';
import { type WatchNetwork, watchNetwork } from './watchNetwork.ts';
import type { WebSocketLike } from './webSocketLike.ts';

type Options = { readToken?: ReadToken; createSocket?: (url: string) => WebSocketLike };

function connect({ readToken = () => undefined, createSocket }: Options = {}) {
  const server = createFakeServer();
  const clock = createManualClock();
  const reports: ClientReport[] = [];
  const network: { current?: Parameters<WatchNetwork>[0] } = {};
  const handlers = { onReach: vi.fn(), onMessage: vi.fn(), onFrame: vi.fn() };
  const connection = new Connection({
    url: 'ws://server/weft?v=1',
    readToken,
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
  return { server, clock, reports, connection, network, ...handlers };
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

  it('[CON3] reads the token anew for each attempt, and leaves a refusal when it is asked to', async () => {
    const tokens = ['stale', 'fresh'];
    const { server, clock, connection } = connect({ readToken: () => tokens.shift() });
    await server.accept();
    server.lose(4401, 'the token has expired');
    expect(connection.peek()).toEqual({
      state: 'refused',
      reason: 'unauthenticated',
      detail: 'the token has expired',
    });
    clock.advance(3_600_000);
    expect(server.sockets).toHaveLength(1);
    connection.reconnect();
    await server.accept({ attempt: 2, user: BOB });
    expect(server.socket.messages[0]).toMatchObject({ token: 'fresh' });
    expect(connection.peek()).toEqual({ state: 'online', user: BOB });
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

describe('what makes no sense', () => {
  const nonsense: [string, unknown][] = [
    ['no JSON', '{"type":'],
    ['no message', '{"type":"unheard-of"}'],
    ['a message without its parts', '{"type":"state","aggregate":"note"}'],
    [
      'a second welcome',
      JSON.stringify({ type: 'welcome', protocolVersion: 1, sessionId: 's', user: ALICE }),
    ],
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
    const told = { onGone: vi.fn(), onBack: vi.fn() };
    const stop = watchNetwork(told);
    page.dispatchEvent(new Event('offline'));
    expect(told.onGone).toHaveBeenCalledOnce();
    page.dispatchEvent(new Event('online'));
    expect(told.onBack).toHaveBeenCalledOnce();
    stop();
    page.dispatchEvent(new Event('offline'));
    expect(told.onGone).toHaveBeenCalledOnce();
  });

  it('[CON6] does without where there is no page', () => {
    vi.stubGlobal('addEventListener', undefined);
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(() => watchNetwork({ onGone: vi.fn(), onBack: vi.fn() })()).not.toThrow();
  });
});
