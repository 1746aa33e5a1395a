import {
  type CommandOutcome,
  decodeChannelFrame,
  decodeUp,
  HELLO_TIMEOUT_MS,
  MAX_JSON_BYTES,
  MAX_SUBSCRIPTIONS_PER_SESSION,
  type Up,
  type User,
} from '@weft/client/protocol';
import { isPassingFault } from '../event-store/eventStoreError.ts';
import { parseJson } from '../lifecycle/parseJson.ts';
import { callAt } from './callAt.ts';
import type { RealtimeServices } from './services.ts';
import { createSessionChannels } from './sessionChannels.ts';
import type { SessionSocket } from './sessionSocket.ts';
import { createSessionSubscriptions } from './sessionSubscriptions.ts';
import { isSpoken, SPOKEN_VERSIONS } from './spokenVersions.ts';

/** The server's end of one client's socket; knows nothing of sockets but the port. */
export type Session = {
  receiveText(text: string): void;
  receiveBinary(bytes: Uint8Array): void;
  /** The socket is gone: everything that the session held is let go. Idempotent. */
  end(): void;
};

type SessionState =
  | { readonly state: 'awaiting-hello'; readonly cancelTimeout: () => void }
  // What came right behind the hello waits for its answer.
  | { readonly state: 'greeting'; readonly held: Up[] }
  | { readonly state: 'ready'; readonly user: User; readonly cancelExpiry: () => void }
  | { readonly state: 'ended' };

type Handlers = {
  [Type in Exclude<Up['type'], 'hello'>]: (
    message: Extract<Up, { type: Type }>,
    user: User,
  ) => void | Promise<void>;
};

// Above this the socket is not read, until half of what is under way is done.
const MAX_MESSAGES_UNDER_WAY = 64;

export function createSession(services: RealtimeServices, socket: SessionSocket): Session {
  const { authenticate, commands, clock, logger, createId } = services;
  const id = createId();
  const channels = createSessionChannels(services, socket);
  const subscriptions = createSessionSubscriptions(services, socket, fail);
  let underWay = 0;
  let renewals = 0;
  let session: SessionState = {
    state: 'awaiting-hello',
    cancelTimeout: clock.after(HELLO_TIMEOUT_MS, () => socket.close('idle', 'no hello came')),
  };

  async function greet(hello: Extract<Up, { type: 'hello' }>): Promise<void> {
    if (session.state !== 'awaiting-hello') return socket.close('invalid-message', 'the hello comes once');
    session.cancelTimeout();
    const held: Up[] = [];
    session = { state: 'greeting', held };
    const { protocolVersion } = hello;
    if (!isSpoken(protocolVersion)) return socket.close('protocol-version', SPOKEN_VERSIONS);
    const result = await authenticate({ token: hello.token });
    if (isEnded()) return;
    if (result.outcome === 'refused') return socket.close('unauthenticated', result.detail);
    const { user, expiresAt } = result;
    session = { state: 'ready', user, cancelExpiry: endAt(expiresAt) };
    socket.sendMessage({ type: 'welcome', protocolVersion, sessionId: id, user, expiresAt });
    held.forEach(receive);
  }

  /** Who one is was said with the welcome, and stays so. */
  async function renew(token: string, user: User): Promise<void> {
    const renewal = ++renewals;
    const result = await authenticate({ token });
    if (session.state !== 'ready') return;
    if (result.outcome === 'refused') return socket.close('unauthenticated', result.detail);
    // A later token was shown meanwhile, and is the one that counts.
    if (renewal !== renewals) return;
    if (result.user.id !== user.id) {
      return socket.close('unauthenticated', 'the token is of another person');
    }
    session.cancelExpiry();
    const { expiresAt } = result;
    session = { state: 'ready', user, cancelExpiry: endAt(expiresAt) };
    socket.sendMessage({ type: 'renewed', expiresAt });
  }

  function endAt(expiresAt: number | undefined): () => void {
    if (expiresAt === undefined) return () => undefined;
    return callAt(clock, expiresAt, () => socket.close('unauthenticated', 'the token has expired'));
  }

  const handlers: Handlers = {
    renew: ({ token }, user) => renew(token, user),
    subscribe: async ({ aggregate, id: aggregateId, after }) => {
      const at = { aggregate, id: aggregateId };
      if (subscriptions.mayTake(at)) return subscriptions.subscribe(at, after);
      const message = `no more than ${MAX_SUBSCRIPTIONS_PER_SESSION} subscriptions: ${aggregate} ${aggregateId} has none`;
      socket.sendMessage({ type: 'error', code: 'too-many-subscriptions', message, ...at });
    },
    unsubscribe: ({ aggregate, id: aggregateId }) =>
      subscriptions.unsubscribe({ aggregate, id: aggregateId }),
    'subscribe-list': async ({ aggregate }) => {
      if (await subscriptions.subscribeList(aggregate)) return;
      const message = `there is no list of ${aggregate}`;
      socket.sendMessage({ type: 'error', code: 'unknown-aggregate', message, aggregate });
    },
    'unsubscribe-list': ({ aggregate }) => subscriptions.unsubscribeList(aggregate),
    command: async ({ key, aggregate, id: aggregateId, command }, user) => {
      const request = { aggregate, id: aggregateId, command, user, idempotencyKey: key };
      const outcome = await commands.execute(request).catch(toFault);
      socket.sendMessage({ type: 'outcome', key, outcome });
    },
    'open-text': async ({ channel, aggregate, id: aggregateId, field, epoch }, user) => {
      const opened = await channels.open(channel, { aggregate, id: aggregateId, field }, { user, epoch });
      if (!opened) socket.close('invalid-message', `channel ${channel} is open already`);
    },
    'close-text': ({ channel }) => channels.close(channel),
    ping: () => socket.sendMessage({ type: 'pong' }),
  };

  /** What would fail again ends no session: whoever asked would ask again, and get no further. */
  function toFault(error: unknown): CommandOutcome {
    if (isPassingFault(error)) throw error;
    logger.error({ err: error, session: id }, 'a command failed');
    return { outcome: 'rejected', code: 'internal', detail: 'the fault was logged' };
  }

  function handle(message: Up): void | Promise<void> {
    if (message.type === 'hello') return greet(message);
    if (session.state === 'awaiting-hello') return socket.close('invalid-message', 'the hello comes first');
    if (session.state === 'greeting') {
      if (session.held.length < MAX_MESSAGES_UNDER_WAY) session.held.push(message);
      else socket.close('invalid-message', 'wait for the welcome');
    }
    if (session.state !== 'ready') return;
    // The table has each message's own handler, which TypeScript cannot tie to the message's own type.
    const handler = handlers[message.type] as (message: Up, user: User) => void | Promise<void>;
    return handler(message, session.user);
  }

  function receive(message: Up): void {
    const task = handle(message);
    if (task) run(task);
  }

  function fail(error: unknown): void {
    if (isEnded()) return;
    logger.error({ err: error, session: id }, 'a session failed');
    socket.close('internal', 'something went wrong here; reconnect');
  }

  function run(task: Promise<void>): void {
    underWay++;
    // Until the hello is answered nothing else may be read: what follows depends on who it is.
    if (underWay >= MAX_MESSAGES_UNDER_WAY || session.state === 'greeting') socket.pause();
    task.catch(fail).finally(() => {
      underWay--;
      if (underWay <= MAX_MESSAGES_UNDER_WAY / 2) socket.resume();
    });
  }

  function isEnded(): boolean {
    return session.state === 'ended';
  }

  return {
    receiveText: (text) => {
      if (Buffer.byteLength(text) > MAX_JSON_BYTES) return socket.close('too-big', 'the message is too big');
      const parsed = parseJson(text);
      if (!parsed.ok) return socket.close('invalid-message', 'the message is not accepted as JSON');
      const decoded = decodeUp(parsed.value);
      if (!decoded.ok) return socket.close('invalid-message', decoded.error);
      receive(decoded.value);
    },
    receiveBinary: (bytes) => {
      const decoded = decodeChannelFrame(bytes);
      if (!decoded || session.state !== 'ready')
        return socket.close('invalid-message', 'no frame of a channel');
      channels.receive(decoded.channel, decoded.frame);
    },
    end: () => {
      if (session.state === 'awaiting-hello') session.cancelTimeout();
      if (session.state === 'ready') session.cancelExpiry();
      session = { state: 'ended' };
      subscriptions.stopAll();
      channels.closeAll();
    },
  };
}
