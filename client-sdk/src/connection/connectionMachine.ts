import { isPermanentCloseCode } from '../../protocol/closeCodes.ts';
import { PING_INTERVAL_MS, SILENCE_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { User } from '../../protocol/user.ts';
import { toBackOffDelay } from './toBackOffDelay.ts';

/*
 *                   opened            welcomed
 *      ┌─▶ opening ────────▶ greeting ────────▶ online
 *      │      │ lost, due       │ lost, due       │ lost, due without an answer to the ping
 *      │      ▼                 ▼                 │
 *  due └── waiting ◀────────────┴─────────────────┘       lost with a permanent code, from any of them: refused
 *
 * `connect` opens a new socket from every state but `closed`; `close` leads to `closed` from every state. When the
 * browser says that the network is gone, whatever has a socket waits; when it says that it is back, waiting ends.
 * A socket is known by its number. What is said of any but the newest is ignored.
 */

/** Milliseconds from the start of an attempt, its token included, to the welcome. */
export const CONNECT_TIMEOUT_MS = 15_000;

/** Milliseconds that a session must have held for the failures before it to be forgotten. */
export const STEADY_AFTER_MS = 2_000;

type Attempt = {
  readonly socket: number;
  /** Failures in a row before this attempt. */
  readonly failures: number;
  /** When it counts as failed, in milliseconds since the epoch. */
  readonly giveUpAt: number;
};

/** Silence alone does not tell a dead socket, in a page whose timers sleep: an unanswered ping does. */
type Liveness =
  | { readonly kind: 'quiet'; readonly pingAt: number }
  | { readonly kind: 'pinged'; readonly pingedAt: number; readonly deadAt: number };

export type MachineState =
  | { readonly name: 'idle'; readonly socket: number }
  | ({ readonly name: 'opening' } & Attempt)
  | ({ readonly name: 'greeting' } & Attempt)
  | {
      readonly name: 'online';
      readonly socket: number;
      readonly failures: number;
      readonly since: number;
      readonly user: User;
      readonly liveness: Liveness;
    }
  | { readonly name: 'waiting'; readonly socket: number; readonly failures: number; readonly retryAt: number }
  | { readonly name: 'refused'; readonly socket: number; readonly code: number; readonly detail: string }
  | { readonly name: 'closed'; readonly socket: number };

/** When something happened, and a random number in [0, 1) for what it leads to. */
export type Moment = { readonly now: number; readonly random: number };

export type Occurrence =
  | { readonly type: 'connect' }
  | { readonly type: 'opened'; readonly socket: number }
  | { readonly type: 'welcomed'; readonly socket: number; readonly user: User }
  /** Any frame came. */
  | { readonly type: 'heard'; readonly socket: number }
  | { readonly type: 'lost'; readonly socket: number; readonly code: number; readonly detail: string }
  /** The moment came that `deadlineOf` told. */
  | { readonly type: 'due' }
  /** The browser says so. It may be wrong, where the server is near: trying goes on. */
  | { readonly type: 'network-gone' }
  | { readonly type: 'network-back' }
  | { readonly type: 'close' };

export type MachineEvent = Occurrence & Moment;

export type Effect =
  | { readonly type: 'open'; readonly socket: number }
  | { readonly type: 'greet'; readonly socket: number }
  | { readonly type: 'ping'; readonly socket: number }
  /** Lets go of a socket; nothing it says afterwards counts. */
  | { readonly type: 'drop'; readonly socket: number };

export type Transition = { readonly state: MachineState; readonly effects: readonly Effect[] };

export const INITIAL_STATE: MachineState = { name: 'idle', socket: 0 };

type Answers = {
  readonly [Type in Occurrence['type']]: (
    state: MachineState,
    event: Extract<MachineEvent, { type: Type }>,
  ) => Transition;
};

const answers: Answers = {
  connect: (state, event) => (state.name === 'closed' ? stay(state) : open(state, 0, event)),
  opened: (state, event) => (isOf(state, event, 'opening') ? greet(state) : stay(state)),
  welcomed: (state, event) => (isOf(state, event, 'greeting') ? goOnline(state, event) : stay(state)),
  heard: (state, event) => (isOf(state, event, 'online') ? calm(state) : stay(state)),
  lost: (state, event) =>
    hasSocket(state) && state.socket === event.socket ? lose(state, event) : stay(state),
  due: (state, event) => meetDeadline(state, event),
  'network-gone': (state, event) => (hasSocket(state) ? giveUp(state, event) : stay(state)),
  'network-back': (state, event) =>
    state.name === 'waiting' ? open(state, state.failures, event) : stay(state),
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
      return state.liveness.kind === 'quiet' ? state.liveness.pingAt : state.liveness.deadAt;
    case 'waiting':
      return state.retryAt;
    case 'idle':
    case 'refused':
    case 'closed':
      return undefined;
  }
}

type Named<Name extends MachineState['name']> = Extract<MachineState, { name: Name }>;
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

function open(state: MachineState, failures: number, { now }: Moment): Transition {
  const socket = state.socket + 1;
  return {
    state: { name: 'opening', socket, failures, giveUpAt: now + CONNECT_TIMEOUT_MS },
    effects: [...dropOf(state), { type: 'open', socket }],
  };
}

function greet(state: Named<'opening'>): Transition {
  return { state: { ...state, name: 'greeting' }, effects: [{ type: 'greet', socket: state.socket }] };
}

function goOnline(
  { socket, failures }: Named<'greeting'>,
  { user, now }: { readonly user: User } & Moment,
): Transition {
  const liveness: Liveness = { kind: 'quiet', pingAt: now + PING_INTERVAL_MS };
  return { state: { name: 'online', socket, failures, since: now, user, liveness }, effects: [] };
}

function calm(state: Named<'online'>): Transition {
  const { liveness } = state;
  if (liveness.kind === 'quiet') return stay(state);
  const pingAt = liveness.pingedAt + PING_INTERVAL_MS;
  return { state: { ...state, liveness: { kind: 'quiet', pingAt } }, effects: [] };
}

function lose(state: WithSocket, event: { code: number; detail: string } & Moment): Transition {
  if (!isPermanentCloseCode(event.code)) return { state: wait(state, event), effects: [] };
  const { code, detail } = event;
  return { state: { name: 'refused', socket: state.socket, code, detail }, effects: [] };
}

function wait(state: WithSocket, { now, random }: Moment): Named<'waiting'> {
  // A server that welcomes and hangs up at once must not be asked again at once.
  const isSteady = state.name === 'online' && now - state.since >= STEADY_AFTER_MS;
  const failures = isSteady ? 0 : state.failures;
  return {
    name: 'waiting',
    socket: state.socket,
    failures: failures + 1,
    retryAt: now + toBackOffDelay(failures, random),
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
      return state.liveness.kind === 'quiet' ? ping(state, event) : giveUp(state, event);
    case 'waiting':
      return open(state, state.failures, event);
    case 'idle':
    case 'refused':
    case 'closed':
      return stay(state);
  }
}

function ping(state: Named<'online'>, { now }: Moment): Transition {
  const deadAt = now + SILENCE_TIMEOUT_MS - PING_INTERVAL_MS;
  return {
    state: { ...state, liveness: { kind: 'pinged', pingedAt: now, deadAt } },
    effects: [{ type: 'ping', socket: state.socket }],
  };
}
