import { type ChannelFrame, decodeChannelFrame, encodeChannelFrame } from '../../protocol/channelFrame.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import type { Down } from '../../protocol/messages/down.ts';
import type { Up } from '../../protocol/messages/up.ts';
import type { User } from '../../protocol/user.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Report } from '../lifecycle/clientReport.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import type { Clock } from './clock.ts';
import { deadlineOf, hasSocket, transition } from './connectionMachine.ts';
import { type ConnectionState, type Reach, toConnectionState, toReach } from './connectionState.ts';
import {
  type Effect,
  type FoundToken,
  INITIAL_STATE,
  type MachineState,
  type Occurrence,
} from './machineState.ts';
import { readMessage } from './readMessage.ts';
import type { Admission } from './refusal.ts';
import type { WatchNetwork } from './watchNetwork.ts';
import type { WebSocketLike } from './webSocketLike.ts';

export type ReadToken = () => string | undefined | Promise<string | undefined>;

export type ConnectionOptions = {
  /** Where the session is, `ws://…/weft?v=1`. */
  readonly url: string;
  /** Called for each attempt, and whenever the token of the session is to be renewed. */
  readonly readToken: ReadToken;
  /** Called with who the server says this is, before anything else is sent. A detail refuses: `other-person`. Never rejects. */
  readonly admit?: ((user: User) => Admission | Promise<Admission>) | undefined;
  readonly createSocket: (url: string) => WebSocketLike;
  readonly watchNetwork: WatchNetwork;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly report: Report;
};

/** Who is told of what the server says. Called in order, never before the welcome. */
export type ConnectionHandlers = {
  readonly onReach: (reach: Reach) => void;
  readonly onMessage: (message: Down) => void;
  readonly onFrame: (frame: ChannelFrame) => void;
};

type LiveSocket = { readonly socket: WebSocketLike; readonly token: string | undefined };

// What a browser reports for a socket that ended without a close frame.
const ABNORMAL_CLOSURE = 1006;

/** Keeps one session with the server, by the connection machine. Whoever starts it closes it. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #listeners: Listeners;
  #handlers: ConnectionHandlers | undefined;
  #stopWatching: (() => void) | undefined;
  #state: MachineState = INITIAL_STATE;
  #publicState: ConnectionState = toConnectionState(INITIAL_STATE);
  #knownUser: User | undefined;
  #live: LiveSocket | undefined;
  /** The last one that was sent. */
  #token: string | undefined;
  #armed: { readonly at: number; readonly cancel: () => void } | undefined;
  // Emptied before the call that filled it returns: a socket may answer while it is being written to.
  readonly #occurrences: Occurrence[] = [];

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#listeners = new Listeners(options.report);
  }

  /** Once. Until then it is `connecting`; after `close` it does nothing. */
  start(handlers: ConnectionHandlers): void {
    if (this.#state.name === 'closed') return;
    this.#handlers = handlers;
    this.#stopWatching = this.#options.watchNetwork({
      onGone: () => this.#dispatch({ type: 'network-gone' }),
      onBack: () => this.#dispatch({ type: 'network-back' }),
      onShown: () => this.#dispatch({ type: 'shown' }),
    });
    this.#dispatch({ type: 'start' });
  }

  get reach(): Reach {
    return toReach(this.#state);
  }

  /** Who the server says this is; undefined while it is not online. */
  get user(): User | undefined {
    return this.#state.name === 'online' ? this.#state.user : undefined;
  }

  /** Who the server last said this is; undefined before the first welcome. */
  get knownUser(): User | undefined {
    return this.#knownUser;
  }

  readonly peek = (): ConnectionState => this.#publicState;

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  readonly reconnect = (): void => this.#dispatch({ type: 'connect' });

  /**
   * Reads the token at once and goes on by it, without a new socket where the server said when the old one expires.
   * Otherwise, and where there is none any more, as `reconnect`.
   */
  readonly renewToken = (): void => this.#dispatch({ type: 'renew' });

  /** Does nothing while it is not online: whoever sends starts anew when it is. */
  send(message: Up): void {
    if (this.#state.name === 'online') this.#say(message);
  }

  /** Does nothing while it is not online. */
  sendFrame(frame: ChannelFrame): void {
    // lib0 types its buffers as possibly shared, which they never are.
    if (this.#state.name === 'online') this.#transmit(encodeChannelFrame(frame) as Uint8Array<ArrayBuffer>);
  }

  /** Idempotent. Ends the socket, the timer and every subscription. */
  close(): void {
    this.#dispatch({ type: 'close' });
    this.#stopWatching?.();
    this.#listeners.clear();
  }

  #dispatch(occurrence: Occurrence): void {
    this.#occurrences.push(occurrence);
    if (this.#occurrences.length > 1) return;
    for (let next: Occurrence | undefined = occurrence; next; next = this.#occurrences[0]) {
      try {
        this.#advance(next);
      } finally {
        this.#occurrences.shift();
      }
    }
  }

  #advance(occurrence: Occurrence): void {
    const { clock, random } = this.#options;
    const before = this.reach;
    const { state, effects } = transition(this.#state, { ...occurrence, now: clock.now(), random: random() });
    // As with nearly every frame that is heard.
    if (state === this.#state) return;
    this.#state = state;
    this.#knownUser = this.user ?? this.#knownUser;
    for (const effect of effects) this.#run(effect);
    this.#arm();
    if (this.reach !== before) this.#handlers?.onReach(this.reach);
    this.#publish();
  }

  #publish(): void {
    const next = toConnectionState(this.#state);
    if (isEqual(next, this.#publicState)) return;
    this.#publicState = next;
    this.#listeners.emit();
  }

  #arm(): void {
    const at = deadlineOf(this.#state);
    if (at === this.#armed?.at) return;
    this.#armed?.cancel();
    this.#armed = undefined;
    if (at === undefined) return;
    const cancel = this.#options.clock.after(Math.max(0, at - this.#options.clock.now()), () => {
      this.#armed = undefined;
      this.#dispatch({ type: 'due' });
    });
    this.#armed = { at, cancel };
  }

  #run(effect: Effect): void {
    switch (effect.type) {
      case 'open':
        void this.#open(effect.socket);
        return;
      case 'greet':
        return this.#greet();
      case 'ping':
        return this.#say({ type: 'ping' });
      case 'read-token':
        void this.#readToken(effect);
        return;
      case 'send-token':
        this.#token = effect.token;
        return this.#say({ type: 'renew', token: effect.token });
      case 'drop':
        return this.#drop();
    }
  }

  async #open(number: number): Promise<void> {
    try {
      const token = await this.#options.readToken();
      if (!this.#isCurrent(number)) return;
      // After a refusal the same token ends the attempt.
      if (token === this.#token) this.#dispatch({ type: 'token-repeated', socket: number });
      if (!this.#isCurrent(number)) return;
      const socket = this.#options.createSocket(this.#options.url);
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => this.#dispatch({ type: 'opened', socket: number });
      socket.onmessage = (event: MessageEvent<unknown>) => this.#receive(number, event.data);
      // The close event that follows says all there is to know; ws throws an error that nobody listens for.
      socket.onerror = () => undefined;
      socket.onclose = ({ code, reason }) => {
        this.#drop();
        this.#dispatch({ type: 'lost', socket: number, code, detail: reason });
      };
      this.#live = { socket, token };
    } catch (error) {
      this.#options.report({ kind: 'connect-failed', error });
      this.#dispatch({ type: 'lost', socket: number, code: ABNORMAL_CLOSURE, detail: String(error) });
    }
  }

  async #readToken({ socket, reading }: Extract<Effect, { type: 'read-token' }>): Promise<void> {
    const found = await this.#findToken(socket);
    this.#dispatch({ type: 'token-read', socket, reading, found });
  }

  async #findToken(socket: number): Promise<FoundToken> {
    try {
      const token = await this.#options.readToken();
      if (token === this.#token) return { kind: 'same' };
      return token === undefined ? { kind: 'none' } : { kind: 'another', token };
    } catch (error) {
      if (this.#isCurrent(socket)) this.#options.report({ kind: 'connect-failed', error });
      return { kind: 'failure' };
    }
  }

  #isCurrent(number: number): boolean {
    return hasSocket(this.#state) && this.#state.socket === number;
  }

  #greet(): void {
    const token = this.#live?.token;
    this.#token = token;
    this.#say({ type: 'hello', protocolVersion: PROTOCOL_VERSION, ...(token !== undefined && { token }) });
  }

  #drop(): void {
    const socket = this.#live?.socket;
    this.#live = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #say(message: Up): void {
    this.#transmit(JSON.stringify(message));
  }

  #transmit(data: string | Uint8Array<ArrayBuffer>): void {
    this.#live?.socket.send(data);
  }

  #receive(number: number, data: unknown): void {
    if (!this.#isCurrent(number)) return;
    this.#dispatch({ type: 'heard', socket: number });
    if (typeof data === 'string') return this.#receiveText(number, data);
    const frame = data instanceof ArrayBuffer ? decodeChannelFrame(new Uint8Array(data)) : undefined;
    if (frame && this.#state.name === 'online') this.#handlers?.onFrame(frame);
    else this.#reportNonsense('a binary message that is no frame of a channel');
  }

  #receiveText(number: number, text: string): void {
    const decoded = readMessage(text);
    if (!decoded.ok) return this.#reportNonsense(decoded.error);
    const message = decoded.value;
    const { name } = this.#state;
    if (message.type === 'welcome' && name === 'greeting') return this.#enter(number, message);
    if (message.type === 'welcome' || name !== 'online') {
      return this.#reportNonsense(`'${message.type}' at the wrong time`);
    }
    if (message.type !== 'renewed') return this.#handlers?.onMessage(message);
    this.#dispatch({ type: 'renewed', socket: number, expiresAt: message.expiresAt });
  }

  #enter(socket: number, welcome: Extract<Down, { type: 'welcome' }>): void {
    const admission = this.#options.admit?.(welcome.user);
    if (admission instanceof Promise) void admission.then((detail) => this.#admit(socket, welcome, detail));
    else this.#admit(socket, welcome, admission);
  }

  #admit(socket: number, { user, expiresAt }: Extract<Down, { type: 'welcome' }>, detail: Admission): void {
    if (detail === undefined) this.#dispatch({ type: 'welcomed', socket, user, expiresAt });
    else this.#dispatch({ type: 'not-admitted', socket, detail });
  }

  #reportNonsense(detail: string): void {
    this.#options.report({ kind: 'invalid-message', detail });
  }
}
