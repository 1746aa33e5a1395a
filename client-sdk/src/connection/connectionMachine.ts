import { PING_INTERVAL_MS, SILENCE_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { User } from '../../protocol/user.ts';
import type {
  Effect,
  FoundToken,
  Liveness,
  MachineEvent,
  MachineState,
  Moment,
  Named,
  Occurrence,
  Past,
  Transition,
} from './machineState.ts';
import { type Refusal, toRefusal } from './refusal.ts';
import { acceptExpiry, failToRead, read, type Renewal, rest, startRenewal } from './renewal.ts';
import { toBackOffDelay } from './toBackOffDelay.ts';

/*
 *                   opened            welcomed
 *      ┌─▶ opening ────────▶ greeting ────────▶ online
 *      │      │ lost, due       │ lost, due       │ lost, due without an answer to the ping
 *      │      ▼                 ▼                 │
 *  due └── waiting ◀────────────┴─────────────────┘       lost with a permanent code, from any of them: refused
 *
 * `start` leads out of `idle`. `connect` opens a new socket from every other state but `closed`; `close` leads to `closed`
 * from every state. When the browser says that the network is gone, whatever has a socket waits; when it says that it is
 * back, or that the page is shown, waiting ends. A socket is known by its number. What is said of any but the newest is
 * ignored.
 *
 * A refusal for the token is answered with one more attempt, as tokens expire while a device sleeps. That attempt knows of
 * the refusal, and ends as `refused` where the token is the same as before, or is refused again.
 */

/** Milliseconds from the start of an attempt, its token included, to the welcome. */
export const CONNECT_TIMEOUT_MS = 15_000;

/** Milliseconds that a session must have held for the failures before it to be forgotten. */
export const STEADY_AFTER_MS = 2_000;

/** Milliseconds for the answer to a ping once somebody looks at the page: they wait for it. */
export const SHOWN_TIMEOUT_MS = 5_000;

const NOTHING_PAST: Past = { failures: 0, refusal: undefined };

type Answers = {
  readonly [Type in Occurrence['type']]: (
    state: MachineState,
    event: Extract<MachineEvent, { type: Type }>,
  ) => Transition;
};

const answers: Answers = {
  start: (state, event) => (state.name === 'idle' ? open(state, NOTHING_PAST, event) : stay(state)),
  connect,
  renew: (state, event) =>
    state.name === 'online' && state.renewal ? readToken(state, state.renewal, event) : connect(state, event),
  opened: (state, event) => (isOf(state, event, 'opening') ? greet(state) : stay(state)),
  welcomed: (state, event) => (isOf(state, event, 'greeting') ? goOnline(state, event) : stay(state)),
  'not-admitted': (state, event) =>
    isOf(state, event, 'greeting')
      ? refuse(state, { reason: 'other-person', detail: event.detail })
      : stay(state),
  'token-repeated': (state, event) =>
    isOf(state, event, 'opening') && state.past.refusal ? refuse(state, state.past.refusal) : stay(state),
  'token-read': (state, event) => (isOf(state, event, 'online') ? useToken(state, event) : stay(state)),
  renewed: (state, event) =>
    isOf(state, event, 'online') && state.renewal
      ? stay({ ...state, renewal: acceptExpiry(state.renewal, event.expiresAt, event) })
      : stay(state),
  heard: (state, event) => (isOf(state, event, 'online') ? calm(state) : stay(state)),
  lost: (state, event) =>
    hasSocket(state) && state.socket === event.socket ? lose(state, event) : stay(state),
  due: (state, event) => meetDeadline(state, event),
  'network-gone': (state, event) => (hasSocket(state) ? giveUp(state, event) : stay(state)),
  'network-back': retry,
  shown: (state, event) => (state.name === 'online' ? check(state, event) : retry(state, event)),
  close: (state) => ({ state: { name: 'closed', socket: state.socket }, effects: dropOf(state) }),
};

/** Every state answers every event; most answers are to stay as it is. */
export function transition(state: MachineState, event: MachineEvent): Transition {
  // The table has each event's own answer, which TypeScript cannot tie to the event's own type.
  const answer = answers[event.type] as (state: MachineState, event: MachineEvent) => Transition;
  return answer(state, event);
}

/** When the state wants to hear `due`, in milliseconds since the epoch. */
export function deadlineOf(state: MachineState): number | undefined {
  switch (state.name) {
    case 'opening':
    case 'greeting':
      return state.giveUpAt;
    case 'online':
      return Math.min(state.liveness.at, state.renewal?.at ?? Infinity);
    case 'waiting':
      return state.retryAt;
    case 'idle':
    case 'refused':
    case 'closed':
      return undefined;
  }
}

type WithSocket = Named<'opening' | 'greeting' | 'online'>;

function stay(state: MachineState): Transition {
  return { state, effects: [] };
}

/** Whether an attempt or a session is under way; its socket is `state.socket`. */
export function hasSocket(state: MachineState): state is WithSocket {
  return state.name === 'opening' || state.name === 'greeting' || state.name === 'online';
}

function isOf<Name extends WithSocket['name']>(
  state: MachineState,
  event: { readonly socket: number },
  name: Name,
): state is Named<Name> {
  return state.name === name && state.socket === event.socket;
}

function dropOf(state: MachineState): readonly Effect[] {
  return hasSocket(state) ? [{ type: 'drop', socket: state.socket }] : [];
}

function connect(state: MachineState, event: Moment): Transition {
  return state.name === 'idle' || state.name === 'closed' ? stay(state) : open(state, NOTHING_PAST, event);
}

function open(state: MachineState, past: Past, { now }: Moment): Transition {
  const socket = state.socket + 1;
  return {
    state: { name: 'opening', socket, past, giveUpAt: now + CONNECT_TIMEOUT_MS },
    effects: [...dropOf(state), { type: 'open', socket }],
  };
}

function retry(state: MachineState, event: Moment): Transition {
  return state.name === 'waiting' ? open(state, state.past, event) : stay(state);
}

function greet(state: Named<'opening'>): Transition {
  return { state: { ...state, name: 'greeting' }, effects: [{ type: 'greet', socket: state.socket }] };
}

function goOnline(
  { socket, past }: Named<'greeting'>,
  event: { readonly user: User; readonly expiresAt: number | undefined } & Moment,
): Transition {
  const { user, expiresAt, now } = event;
  const liveness: Liveness = { kind: 'quiet', at: now + PING_INTERVAL_MS };
  const renewal = expiresAt === undefined ? undefined : startRenewal(expiresAt, event);
  return stay({ name: 'online', socket, past, since: now, user, liveness, renewal });
}

function readToken(state: Named<'online'>, before: Renewal, event: Moment): Transition {
  const renewal = read(before, event);
  const { socket } = state;
  return {
    state: { ...state, renewal },
    effects: [{ type: 'read-token', socket, reading: renewal.reading }],
  };
}

function useToken(
  state: Named<'online'>,
  event: { readonly reading: number; readonly found: FoundToken } & Moment,
): Transition {
  const { renewal, socket } = state;
  if (renewal?.phase !== 'reading' || renewal.reading !== event.reading) return stay(state);
  const { found } = event;
  switch (found.kind) {
    case 'another':
      return {
        state: { ...state, renewal: { ...renewal, phase: 'sent', at: undefined } },
        effects: [{ type: 'send-token', socket, token: found.token }],
      };
    case 'same':
      return stay({ ...state, renewal: rest(renewal, event) });
    case 'none':
      // Whoever has no token any more is somebody else from now on.
      return connect(state, event);
    case 'failure':
      return stay({ ...state, renewal: failToRead(renewal, event) });
  }
}

function calm(state: Named<'online'>): Transition {
  const { liveness } = state;
  if (liveness.kind === 'quiet') return stay(state);
  return stay({ ...state, liveness: { kind: 'quiet', at: liveness.pingedAt + PING_INTERVAL_MS } });
}

function lose(state: WithSocket, event: { code: number; detail: string } & Moment): Transition {
  const refusal = toRefusal(event.code, event.detail);
  if (!refusal) return { state: wait(state, event), effects: [] };
  const past = toPast(state, event);
  return refusal.reason === 'unauthenticated' && !past.refusal
    ? open(state, { ...past, refusal }, event)
    : { state: { name: 'refused', socket: state.socket, ...refusal }, effects: [] };
}

function refuse({ socket }: WithSocket, refusal: Refusal): Transition {
  return { state: { name: 'refused', socket, ...refusal }, effects: [{ type: 'drop', socket }] };
}

/** A server that welcomes and hangs up at once must not be asked again at once. */
function toPast(state: WithSocket, { now }: Moment): Past {
  const isSteady = state.name === 'online' && now - state.since >= STEADY_AFTER_MS;
  return isSteady ? NOTHING_PAST : state.past;
}

function wait(state: WithSocket, event: Moment): Named<'waiting'> {
  const { failures, refusal } = toPast(state, event);
  // Once another token was sent, it is no longer the one that was refused.
  const unanswered = state.name === 'opening' ? refusal : undefined;
  return {
    name: 'waiting',
    socket: state.socket,
    past: { failures: failures + 1, refusal: unanswered },
    retryAt: event.now + toBackOffDelay(failures, event.random),
  };
}

function giveUp(state: WithSocket, event: Moment): Transition {
  return { state: wait(state, event), effects: dropOf(state) };
}

function meetDeadline(state: MachineState, event: Moment): Transition {
  switch (state.name) {
    case 'opening':
    case 'greeting':
      return giveUp(state, event);
    case 'online':
      return meetOnlineDeadline(state, event);
    case 'waiting':
      return retry(state, event);
    case 'idle':
    case 'refused':
    case 'closed':
      return stay(state);
  }
}

/** Of two deadlines the earlier one is meant, whatever time it is: timers fire late, and a little early. */
function meetOnlineDeadline(state: Named<'online'>, event: Moment): Transition {
  const { liveness, renewal } = state;
  if (renewal?.at !== undefined && renewal.at < liveness.at) {
    return renewal.phase === 'reading'
      ? stay({ ...state, renewal: failToRead(renewal, event) })
      : readToken(state, renewal, event);
  }
  return liveness.kind === 'quiet'
    ? ping(state, SILENCE_TIMEOUT_MS - PING_INTERVAL_MS, event)
    : giveUp(state, event);
}

function ping(state: Named<'online'>, timeout: number, { now }: Moment): Transition {
  return {
    state: { ...state, liveness: { kind: 'pinged', pingedAt: now, at: now + timeout } },
    effects: [{ type: 'ping', socket: state.socket }],
  };
}

/** The answer to a ping that is on its way must come as soon as that to a new one. */
function check(state: Named<'online'>, event: Moment): Transition {
  const { liveness } = state;
  if (liveness.kind === 'quiet') return ping(state, SHOWN_TIMEOUT_MS, event);
  const at = Math.min(liveness.at, event.now + SHOWN_TIMEOUT_MS);
  return stay({ ...state, liveness: { ...liveness, at } });
}
