import { describe, expect, it } from 'vitest';
import { PING_INTERVAL_MS, SILENCE_TIMEOUT_MS } from '../../protocol/limits.ts';
import {
  CONNECT_TIMEOUT_MS,
  deadlineOf,
  SHOWN_TIMEOUT_MS,
  STEADY_AFTER_MS,
  transition,
} from './connectionMachine.ts';
import {
  INITIAL_STATE,
  type MachineEvent,
  type MachineState,
  type Named,
  type Occurrence,
  type Past,
} from './machineState.ts';
import type { Refusal } from './refusal.ts';
import { READ_TIMEOUT_MS, type Renewal } from './renewal.ts';

const NOW = 100_000;
const user = { id: 'alice', name: 'Alice' };
const refusal: Refusal = { reason: 'unauthenticated', detail: 'no valid token' };

/**
 * The machine's states, and what else its answers depend on: whether the token was refused just before, a ping that waits
 * for its answer, and what is done about a token that expires.
 */
type Situation =
  | Exclude<MachineState['name'], 'online'>
  | 'opening after a refusal'
  | 'greeting after a refusal'
  | 'online'
  | 'online, pinged'
  | 'online at once after a refusal'
  | `online, token ${Renewal['phase']}`
  | 'waiting after a refusal';

/** The machine's events, where a loss is three, and a token that was read four. */
type Happening =
  | Exclude<Occurrence['type'], 'token-read'>
  | 'lost, unauthenticated'
  | 'lost for good'
  | 'another token'
  | 'same token'
  | 'no token'
  | 'no answer for the token';

type Answer = `${MachineState['name']}${'' | `: ${string}`}` | 'stays';

const past: Past = { failures: 2, refusal: undefined };
const refusedBefore: Past = { failures: 2, refusal };
const online: Named<'online'> = {
  name: 'online',
  socket: 3,
  past,
  since: 0,
  user,
  liveness: { kind: 'quiet', at: NOW },
  renewal: undefined,
};

function renewing(phase: Renewal['phase']): Named<'online'> {
  const at = phase === 'sent' ? undefined : NOW - 1;
  return { ...online, renewal: { phase, reading: 1, failures: 0, expiresAt: NOW + 60_000, at } };
}

const situations: Record<Situation, MachineState> = {
  idle: INITIAL_STATE,
  opening: { name: 'opening', socket: 3, past, giveUpAt: NOW },
  'opening after a refusal': { name: 'opening', socket: 3, past: refusedBefore, giveUpAt: NOW },
  greeting: { name: 'greeting', socket: 3, past, giveUpAt: NOW },
  'greeting after a refusal': { name: 'greeting', socket: 3, past: refusedBefore, giveUpAt: NOW },
  online,
  'online, pinged': { ...online, liveness: { kind: 'pinged', pingedAt: NOW - 10, at: NOW } },
  'online at once after a refusal': { ...online, past: refusedBefore, since: NOW - 1 },
  'online, token resting': renewing('resting'),
  'online, token reading': renewing('reading'),
  'online, token sent': renewing('sent'),
  waiting: { name: 'waiting', socket: 3, past, retryAt: NOW },
  'waiting after a refusal': { name: 'waiting', socket: 3, past: refusedBefore, retryAt: NOW },
  refused: { name: 'refused', socket: 3, ...refusal },
  closed: { name: 'closed', socket: 3 },
};

const read = { type: 'token-read', socket: 3, reading: 1 } as const;

const happenings: Record<Happening, Occurrence> = {
  start: { type: 'start' },
  connect: { type: 'connect' },
  renew: { type: 'renew' },
  opened: { type: 'opened', socket: 3 },
  welcomed: { type: 'welcomed', socket: 3, user, expiresAt: undefined },
  'not-admitted': { type: 'not-admitted', socket: 3, detail: 'of Bob' },
  'token-repeated': { type: 'token-repeated', socket: 3 },
  'another token': { ...read, found: { kind: 'another', token: 'fresh' } },
  'same token': { ...read, found: { kind: 'same' } },
  'no token': { ...read, found: { kind: 'none' } },
  'no answer for the token': { ...read, found: { kind: 'failure' } },
  renewed: { type: 'renewed', socket: 3, expiresAt: NOW + 60_000 },
  heard: { type: 'heard', socket: 3 },
  lost: { type: 'lost', socket: 3, code: 1006, detail: '' },
  'lost, unauthenticated': { type: 'lost', socket: 3, code: 4401, detail: 'no valid token' },
  'lost for good': { type: 'lost', socket: 3, code: 4426, detail: 'too old' },
  due: { type: 'due' },
  'network-gone': { type: 'network-gone' },
  'network-back': { type: 'network-back' },
  shown: { type: 'shown' },
  close: { type: 'close' },
};

// Every cell is there, or it does not compile: the state afterwards, and what is done.
const table: Record<Situation, Record<Happening, Answer>> = {
  idle: {
    start: 'opening: open 1',
    connect: 'stays',
    renew: 'stays',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'stays',
    'lost, unauthenticated': 'stays',
    'lost for good': 'stays',
    due: 'stays',
    'network-gone': 'stays',
    'network-back': 'stays',
    shown: 'stays',
    close: 'closed',
  },
  opening: {
    start: 'stays',
    connect: 'opening: drop 3, open 4',
    renew: 'opening: drop 3, open 4',
    opened: 'greeting: greet 3',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'waiting',
    'lost, unauthenticated': 'opening: drop 3, open 4',
    'lost for good': 'refused',
    due: 'waiting: drop 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    shown: 'stays',
    close: 'closed: drop 3',
  },
  'opening after a refusal': {
    start: 'stays',
    connect: 'opening: drop 3, open 4',
    renew: 'opening: drop 3, open 4',
    opened: 'greeting: greet 3',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'refused: drop 3',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'waiting',
    'lost, unauthenticated': 'refused',
    'lost for good': 'refused',
    due: 'waiting: drop 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    shown: 'stays',
    close: 'closed: drop 3',
  },
  greeting: {
    start: 'stays',
    connect: 'opening: drop 3, open 4',
    renew: 'opening: drop 3, open 4',
    opened: 'stays',
    welcomed: 'online',
    'not-admitted': 'refused: drop 3',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'waiting',
    'lost, unauthenticated': 'opening: drop 3, open 4',
    'lost for good': 'refused',
    due: 'waiting: drop 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    shown: 'stays',
    close: 'closed: drop 3',
  },
  'greeting after a refusal': {
    start: 'stays',
    connect: 'opening: drop 3, open 4',
    renew: 'opening: drop 3, open 4',
    opened: 'stays',
    welcomed: 'online',
    'not-admitted': 'refused: drop 3',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'waiting',
    'lost, unauthenticated': 'refused',
    'lost for good': 'refused',
    due: 'waiting: drop 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    shown: 'stays',
    close: 'closed: drop 3',
  },
  online: {
    start: 'stays',
    connect: 'opening: drop 3, open 4',
    renew: 'opening: drop 3, open 4',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'waiting',
    'lost, unauthenticated': 'opening: drop 3, open 4',
    'lost for good': 'refused',
    due: 'online: ping 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    shown: 'online: ping 3',
    close: 'closed: drop 3',
  },
  'online, pinged': {
    start: 'stays',
    connect: 'opening: drop 3, open 4',
    renew: 'opening: drop 3, open 4',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'online',
    lost: 'waiting',
    'lost, unauthenticated': 'opening: drop 3, open 4',
    'lost for good': 'refused',
    due: 'waiting: drop 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    shown: 'online',
    close: 'closed: drop 3',
  },
  'online at once after a refusal': {
    start: 'stays',
    connect: 'opening: drop 3, open 4',
    renew: 'opening: drop 3, open 4',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'waiting',
    'lost, unauthenticated': 'refused',
    'lost for good': 'refused',
    due: 'online: ping 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    shown: 'online: ping 3',
    close: 'closed: drop 3',
  },
  'online, token resting': {
    start: 'stays',
    connect: 'opening: drop 3, open 4',
    renew: 'online: read-token 3',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'online',
    heard: 'stays',
    lost: 'waiting',
    'lost, unauthenticated': 'opening: drop 3, open 4',
    'lost for good': 'refused',
    due: 'online: read-token 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    shown: 'online: ping 3',
    close: 'closed: drop 3',
  },
  'online, token reading': {
    start: 'stays',
    connect: 'opening: drop 3, open 4',
    renew: 'online: read-token 3',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'online: send-token 3',
    'same token': 'online',
    'no token': 'opening: drop 3, open 4',
    'no answer for the token': 'online',
    renewed: 'online',
    heard: 'stays',
    lost: 'waiting',
    'lost, unauthenticated': 'opening: drop 3, open 4',
    'lost for good': 'refused',
    due: 'online',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    shown: 'online: ping 3',
    close: 'closed: drop 3',
  },
  'online, token sent': {
    start: 'stays',
    connect: 'opening: drop 3, open 4',
    renew: 'online: read-token 3',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'online',
    heard: 'stays',
    lost: 'waiting',
    'lost, unauthenticated': 'opening: drop 3, open 4',
    'lost for good': 'refused',
    due: 'online: ping 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    shown: 'online: ping 3',
    close: 'closed: drop 3',
  },
  waiting: {
    start: 'stays',
    connect: 'opening: open 4',
    renew: 'opening: open 4',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'stays',
    'lost, unauthenticated': 'stays',
    'lost for good': 'stays',
    due: 'opening: open 4',
    'network-gone': 'stays',
    'network-back': 'opening: open 4',
    shown: 'opening: open 4',
    close: 'closed',
  },
  'waiting after a refusal': {
    start: 'stays',
    connect: 'opening: open 4',
    renew: 'opening: open 4',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'stays',
    'lost, unauthenticated': 'stays',
    'lost for good': 'stays',
    due: 'opening: open 4',
    'network-gone': 'stays',
    'network-back': 'opening: open 4',
    shown: 'opening: open 4',
    close: 'closed',
  },
  refused: {
    start: 'stays',
    connect: 'opening: open 4',
    renew: 'opening: open 4',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'stays',
    'lost, unauthenticated': 'stays',
    'lost for good': 'stays',
    due: 'stays',
    'network-gone': 'stays',
    'network-back': 'stays',
    shown: 'stays',
    close: 'closed',
  },
  closed: {
    start: 'stays',
    connect: 'stays',
    renew: 'stays',
    opened: 'stays',
    welcomed: 'stays',
    'not-admitted': 'stays',
    'token-repeated': 'stays',
    'another token': 'stays',
    'same token': 'stays',
    'no token': 'stays',
    'no answer for the token': 'stays',
    renewed: 'stays',
    heard: 'stays',
    lost: 'stays',
    'lost, unauthenticated': 'stays',
    'lost for good': 'stays',
    due: 'stays',
    'network-gone': 'stays',
    'network-back': 'stays',
    shown: 'stays',
    close: 'closed',
  },
};

function at(occurrence: Occurrence, { now = NOW, random = 0.5 } = {}): MachineEvent {
  return { ...occurrence, now, random };
}

/** How the machine answers: the state afterwards, told from the others of its name, and what is done. */
function answer(state: MachineState, occurrence: Occurrence): string {
  const next = transition(state, at(occurrence));
  if (next.state === state) return next.effects.length === 0 ? 'stays' : 'stays, but acts';
  const effects = next.effects.map(({ type, socket }) => `${type} ${socket}`).join(', ');
  return effects === '' ? next.state.name : `${next.state.name}: ${effects}`;
}

const names = <Name extends string>(record: Record<Name, unknown>) => Object.keys(record) as Name[];

function toPast(failures: number): Past {
  return { failures, refusal: undefined };
}

describe.each(names(table))('[CON1] %s', (situation) => {
  it.each(names(table[situation]))('[CON1] answers: %s', (happening) => {
    expect(answer(situations[situation], happenings[happening])).toBe(table[situation][happening]);
  });

  it('[CON1] ignores what is said of a socket that was replaced', () => {
    const stale = names(happenings)
      .map((happening) => happenings[happening])
      .filter((occurrence) => 'socket' in occurrence)
      .map((occurrence) => ({ ...occurrence, socket: 2 }));
    expect(stale).toHaveLength(13);
    for (const occurrence of stale) expect(answer(situations[situation], occurrence)).toBe('stays');
  });
});

describe('a token of a running session', () => {
  function welcome(expiresAt: number | undefined, { random = 0, now = NOW } = {}): MachineState {
    return transition(
      situations.greeting,
      at({ type: 'welcomed', socket: 3, user, expiresAt }, { now, random }),
    ).state;
  }

  /** Milliseconds until the token is read, where pings are answered meanwhile. */
  function toWait(expiresAt: number, random = 0): number {
    const state = welcome(expiresAt, { random });
    return state.name === 'online' ? (state.renewal?.at ?? Infinity) - NOW : Infinity;
  }

  it('[CON8] is read anew at four fifths of its life, at least five seconds before its end, and spread', () => {
    expect(toWait(NOW + 3_600_000)).toBe(2_880_000);
    expect(toWait(NOW + 3_600_000, 0.5)).toBe(2_880_000 * 0.95);
    expect(toWait(NOW + 10_000)).toBe(5_000);
    expect(toWait(NOW + 2_000)).toBe(1_000);
  });

  it('[CON8] is read at a bounded pace where the clocks of client and server differ', () => {
    expect(toWait(NOW - 600_000)).toBe(30_000);
  });

  it('[CON8] is asked for more and more often while it stays the same, and by another one it rests', () => {
    let state = welcome(NOW + 3_600_000);
    let now = NOW;
    let readings = 0;
    while (now < NOW + 3_590_000 && state.name === 'online') {
      now = deadlineOf(state) ?? Infinity;
      const next = transition(state, at({ type: 'due' }, { now, random: 0 }));
      ({ state } = next);
      const [effect] = next.effects;
      if (effect?.type === 'ping') {
        ({ state } = transition(state, at({ type: 'heard', socket: 3 }, { now, random: 0 })));
      } else if (effect?.type === 'read-token') {
        readings++;
        const { reading } = effect;
        const same = { type: 'token-read', socket: 3, reading, found: { kind: 'same' } } as const;
        ({ state } = transition(state, at(same, { now, random: 0 })));
      }
    }
    expect(readings).toBeGreaterThanOrEqual(3);
    expect(readings).toBeLessThanOrEqual(6);
    const renewed = { type: 'renewed', socket: 3, expiresAt: now + 3_600_000 } as const;
    const rested = transition(state, at(renewed, { now, random: 0 })).state;
    expect(rested).toMatchObject({ renewal: { phase: 'resting', at: now + 2_880_000 } });
  });

  it('[CON8] is tried again with back-off where it cannot be had, or does not come in time', () => {
    const liveness = { kind: 'quiet', at: NOW + 3_600_000 } as const;
    let state: MachineState = { ...renewing('resting'), liveness };
    const waits: number[] = [];
    for (let failure = 0; failure < 9; failure++) {
      const reading = transition(state, at({ type: 'renew' })).state;
      ({ state } = transition(reading, at({ type: 'due' })));
      waits.push(state.name === 'online' ? (state.renewal?.at ?? 0) - NOW : 0);
      expect(reading).toMatchObject({ renewal: { phase: 'reading', at: NOW + READ_TIMEOUT_MS } });
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500, 7500, 7500]);
  });

  it('[CON8] that comes too late is not taken for the newer one that was asked for', () => {
    const { state } = transition(situations['online, token reading'], at({ type: 'renew' }));
    expect(answer(state, happenings['another token'])).toBe('stays');
    const second = { ...read, reading: 2, found: { kind: 'another', token: 'fresh' } } as const;
    expect(answer(state, second)).toBe('online: send-token 3');
  });

  it('[CON8] that never expires is read only when the application asks', () => {
    const renewed = { type: 'renewed', socket: 3, expiresAt: undefined } as const;
    const { state } = transition(situations['online, token sent'], at(renewed));
    expect(deadlineOf(state)).toBe(NOW);
    expect(state).toMatchObject({ renewal: { phase: 'resting', at: undefined } });
    expect(answer(state, { type: 'renew' })).toBe('online: read-token 3');
  });
});

describe('a refusal for the token', () => {
  const refuse = happenings['lost, unauthenticated'];

  it('[CON3] is answered with one attempt, and one more for each that succeeded', () => {
    const second = transition(situations.online, at(refuse)).state;
    expect(second).toMatchObject({ name: 'opening', past: { refusal } });
    const greeting = transition(second, at({ type: 'opened', socket: 4 })).state;
    expect(answer(greeting, { ...refuse, socket: 4 } as Occurrence)).toBe('refused');
    const welcomed = { ...happenings.welcomed, socket: 4 } as Occurrence;
    const again = transition(greeting, at(welcomed)).state;
    const lostAt = (now: number) =>
      transition(again, at({ ...refuse, socket: 4 } as Occurrence, { now })).state;
    expect(lostAt(NOW + STEADY_AFTER_MS - 1)).toMatchObject({ name: 'refused', ...refusal });
    expect(lostAt(NOW + STEADY_AFTER_MS)).toMatchObject({ name: 'opening', past: { refusal } });
  });

  it('[CON3] is remembered until another token was sent', () => {
    const lost = happenings.lost;
    const unsent = transition(situations['opening after a refusal'], at(lost)).state;
    expect(unsent).toMatchObject({ name: 'waiting', past: { refusal } });
    const sent = transition(situations['greeting after a refusal'], at(lost)).state;
    expect(sent).toMatchObject({ name: 'waiting', past: { refusal: undefined } });
  });
});

describe('a page that is shown', () => {
  it('[CON7] has its answer soon, also to a ping that is on its way', () => {
    const shown = transition(situations.online, at({ type: 'shown' })).state;
    expect(deadlineOf(shown)).toBe(NOW + SHOWN_TIMEOUT_MS);
    const pinged = transition(situations.online, at({ type: 'due' }, { now: NOW })).state;
    const later = transition(pinged, at({ type: 'shown' }, { now: NOW + 10 })).state;
    expect(deadlineOf(later)).toBe(NOW + 10 + SHOWN_TIMEOUT_MS);
    const again = transition(later, at({ type: 'shown' }, { now: NOW + 4_000 })).state;
    expect(deadlineOf(again)).toBe(NOW + 10 + SHOWN_TIMEOUT_MS);
  });
});

describe('waiting to reconnect', () => {
  function lose(state: MachineState, { now = NOW, random = 0.5 } = {}): MachineState {
    return transition(
      state,
      at({ type: 'lost', socket: state.socket, code: 1006, detail: '' }, { now, random }),
    ).state;
  }

  function toOnline(failures: number, since: number): MachineState {
    const greeting: MachineState = {
      name: 'greeting',
      socket: 1,
      past: toPast(failures),
      giveUpAt: since + 1,
    };
    return transition(
      greeting,
      at({ type: 'welcomed', socket: 1, user, expiresAt: undefined }, { now: since }),
    ).state;
  }

  it('[CON2] is anywhere below a bound that doubles with each failure', () => {
    let state: MachineState = { name: 'opening', socket: 1, past: toPast(0), giveUpAt: NOW };
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      const waiting = lose(state, { random: 0.5 });
      waits.push((deadlineOf(waiting) ?? 0) - NOW);
      state = transition(waiting, at({ type: 'due' })).state;
    }
    expect(waits).toEqual([125, 250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
    const atOnce: MachineState = { name: 'opening', socket: 1, past: toPast(5), giveUpAt: NOW };
    expect(deadlineOf(lose(atOnce, { random: 0 }))).toBe(NOW);
  });

  it('[CON2] starts anew after a session that held', () => {
    const online = toOnline(6, NOW);
    const waiting = lose(online, { now: NOW + STEADY_AFTER_MS });
    expect(deadlineOf(waiting)).toBe(NOW + STEADY_AFTER_MS + 125);
  });

  it('[CON2] goes on after a session that was ended at once', () => {
    const waiting = lose(toOnline(6, NOW), { now: NOW + STEADY_AFTER_MS - 1 });
    expect(deadlineOf(waiting)).toBe(NOW + STEADY_AFTER_MS - 1 + 7500);
  });

  it('[CON2] starts anew when the application asks to reconnect', () => {
    const { state } = transition(situations.waiting, at({ type: 'connect' }));
    expect(state).toMatchObject({ name: 'opening', past: { failures: 0 } });
  });
});

describe('deadlines', () => {
  it('[CON5] gives an attempt a time, from the token to the welcome', () => {
    const opening = transition(INITIAL_STATE, at({ type: 'start' })).state;
    expect(deadlineOf(opening)).toBe(NOW + CONNECT_TIMEOUT_MS);
    const greeting = transition(opening, at({ type: 'opened', socket: 1 }, { now: NOW + 5 })).state;
    expect(deadlineOf(greeting)).toBe(NOW + CONNECT_TIMEOUT_MS);
  });

  it('[CON5] replaces a socket whose server has been silent for the silence timeout', () => {
    const online = transition(
      { name: 'greeting', socket: 1, past: toPast(0), giveUpAt: NOW },
      at({ type: 'welcomed', socket: 1, user, expiresAt: undefined }),
    ).state;
    expect(deadlineOf(online)).toBe(NOW + PING_INTERVAL_MS);
    const pinged = transition(online, at({ type: 'due' }, { now: NOW + PING_INTERVAL_MS })).state;
    expect(deadlineOf(pinged)).toBe(NOW + SILENCE_TIMEOUT_MS);
  });

  it('[CON5] does not take a timer that fired late for a silent server', () => {
    const late = NOW + 10 * SILENCE_TIMEOUT_MS;
    const { state } = transition(situations.online, at({ type: 'due' }, { now: late }));
    expect(state.name).toBe('online');
    expect(deadlineOf(state)).toBe(late + SILENCE_TIMEOUT_MS - PING_INTERVAL_MS);
  });

  it('[CON5] pings at its interval, however soon the answer came', () => {
    const pinged = transition(situations.online, at({ type: 'due' })).state;
    const { state } = transition(pinged, at({ type: 'heard', socket: 3 }, { now: NOW + 40 }));
    expect(deadlineOf(state)).toBe(NOW + PING_INTERVAL_MS);
  });

  it.each(['idle', 'refused', 'closed'] as const)('[CON3] %s waits for nothing', (situation) => {
    expect(deadlineOf(situations[situation])).toBeUndefined();
  });
});
