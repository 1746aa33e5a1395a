import { describe, expect, it } from 'vitest';
import { PING_INTERVAL_MS, SILENCE_TIMEOUT_MS } from '../../protocol/limits.ts';
import {
  CONNECT_TIMEOUT_MS,
  deadlineOf,
  INITIAL_STATE,
  type MachineEvent,
  type MachineState,
  type Occurrence,
  STEADY_AFTER_MS,
  transition,
} from './connectionMachine.ts';

const NOW = 100_000;
const user = { id: 'alice', name: 'Alice' };

/** The machine's states, where being online is two: one waits for an answer to its ping. */
type Situation = Exclude<MachineState['name'], 'online'> | 'online' | 'online, pinged';
/** The machine's events, where a loss is two: one with a code that is permanent. */
type Happening = Occurrence['type'] | 'lost for good';
type Answer = `${MachineState['name']}${'' | `: ${string}`}` | 'stays';

const situations: Record<Situation, MachineState> = {
  idle: INITIAL_STATE,
  opening: { name: 'opening', socket: 3, failures: 2, giveUpAt: NOW },
  greeting: { name: 'greeting', socket: 3, failures: 2, giveUpAt: NOW },
  online: {
    ...{ name: 'online', socket: 3, failures: 2, since: 0, user },
    liveness: { kind: 'quiet', pingAt: NOW },
  },
  'online, pinged': {
    ...{ name: 'online', socket: 3, failures: 2, since: 0, user },
    liveness: { kind: 'pinged', pingedAt: NOW - 10, deadAt: NOW },
  },
  waiting: { name: 'waiting', socket: 3, failures: 2, retryAt: NOW },
  refused: { name: 'refused', socket: 3, code: 4401, detail: 'no valid token' },
  closed: { name: 'closed', socket: 3 },
};

const happenings: Record<Happening, Occurrence> = {
  connect: { type: 'connect' },
  opened: { type: 'opened', socket: 3 },
  welcomed: { type: 'welcomed', socket: 3, user },
  heard: { type: 'heard', socket: 3 },
  lost: { type: 'lost', socket: 3, code: 1006, detail: '' },
  'lost for good': { type: 'lost', socket: 3, code: 4401, detail: 'no valid token' },
  due: { type: 'due' },
  'network-gone': { type: 'network-gone' },
  'network-back': { type: 'network-back' },
  close: { type: 'close' },
};

// Every cell is there, or it does not compile: the state afterwards, and what is done.
const table: Record<Situation, Record<Happening, Answer>> = {
  idle: {
    connect: 'opening: open 1',
    opened: 'stays',
    welcomed: 'stays',
    heard: 'stays',
    lost: 'stays',
    'lost for good': 'stays',
    due: 'stays',
    'network-gone': 'stays',
    'network-back': 'stays',
    close: 'closed',
  },
  opening: {
    connect: 'opening: drop 3, open 4',
    opened: 'greeting: greet 3',
    welcomed: 'stays',
    heard: 'stays',
    lost: 'waiting',
    'lost for good': 'refused',
    due: 'waiting: drop 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    close: 'closed: drop 3',
  },
  greeting: {
    connect: 'opening: drop 3, open 4',
    opened: 'stays',
    welcomed: 'online',
    heard: 'stays',
    lost: 'waiting',
    'lost for good': 'refused',
    due: 'waiting: drop 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    close: 'closed: drop 3',
  },
  online: {
    connect: 'opening: drop 3, open 4',
    opened: 'stays',
    welcomed: 'stays',
    heard: 'stays',
    lost: 'waiting',
    'lost for good': 'refused',
    due: 'online: ping 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    close: 'closed: drop 3',
  },
  'online, pinged': {
    connect: 'opening: drop 3, open 4',
    opened: 'stays',
    welcomed: 'stays',
    heard: 'online',
    lost: 'waiting',
    'lost for good': 'refused',
    due: 'waiting: drop 3',
    'network-gone': 'waiting: drop 3',
    'network-back': 'stays',
    close: 'closed: drop 3',
  },
  waiting: {
    connect: 'opening: open 4',
    opened: 'stays',
    welcomed: 'stays',
    heard: 'stays',
    lost: 'stays',
    'lost for good': 'stays',
    due: 'opening: open 4',
    'network-gone': 'stays',
    'network-back': 'opening: open 4',
    close: 'closed',
  },
  refused: {
    connect: 'opening: open 4',
    opened: 'stays',
    welcomed: 'stays',
    heard: 'stays',
    lost: 'stays',
    'lost for good': 'stays',
    due: 'stays',
    'network-gone': 'stays',
    'network-back': 'stays',
    close: 'closed',
  },
  closed: {
    connect: 'stays',
    opened: 'stays',
    welcomed: 'stays',
    heard: 'stays',
    lost: 'stays',
    'lost for good': 'stays',
    due: 'stays',
    'network-gone': 'stays',
    'network-back': 'stays',
    close: 'closed',
  },
};

function at(occurrence: Occurrence, { now = NOW, random = 0.5 } = {}): MachineEvent {
  return { ...occurrence, now, random };
}

function answer(state: MachineState, occurrence: Occurrence): string {
  const next = transition(state, at(occurrence));
  if (next.state === state) return next.effects.length === 0 ? 'stays' : 'stays, but acts';
  const effects = next.effects.map(({ type, socket }) => `${type} ${socket}`).join(', ');
  return effects === '' ? next.state.name : `${next.state.name}: ${effects}`;
}

const names = <Name extends string>(record: Record<Name, unknown>) => Object.keys(record) as Name[];

describe.each(names(table))('[CON1] %s', (situation) => {
  it.each(names(table[situation]))('[CON1] answers: %s', (happening) => {
    expect(answer(situations[situation], happenings[happening])).toBe(table[situation][happening]);
  });

  it('[CON1] ignores what is said of a socket that was replaced', () => {
    const stale = names(happenings)
      .map((happening) => happenings[happening])
      .filter((occurrence) => 'socket' in occurrence)
      .map((occurrence) => ({ ...occurrence, socket: 2 }));
    expect(stale).toHaveLength(5);
    for (const occurrence of stale) expect(answer(situations[situation], occurrence)).toBe('stays');
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
    const greeting: MachineState = { name: 'greeting', socket: 1, failures, giveUpAt: since + 1 };
    return transition(greeting, at({ type: 'welcomed', socket: 1, user }, { now: since })).state;
  }

  it('[CON2] is anywhere below a bound that doubles with each failure', () => {
    let state: MachineState = { name: 'opening', socket: 1, failures: 0, giveUpAt: NOW };
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      const waiting = lose(state, { random: 0.5 });
      waits.push((deadlineOf(waiting) ?? 0) - NOW);
      state = transition(waiting, at({ type: 'due' })).state;
    }
    expect(waits).toEqual([125, 250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
    const atOnce: MachineState = { name: 'opening', socket: 1, failures: 5, giveUpAt: NOW };
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
    expect(state).toMatchObject({ name: 'opening', failures: 0 });
  });
});

describe('deadlines', () => {
  it('[CON5] gives an attempt a time, from the token to the welcome', () => {
    const opening = transition(INITIAL_STATE, at({ type: 'connect' })).state;
    expect(deadlineOf(opening)).toBe(NOW + CONNECT_TIMEOUT_MS);
    const greeting = transition(opening, at({ type: 'opened', socket: 1 }, { now: NOW + 5 })).state;
    expect(deadlineOf(greeting)).toBe(NOW + CONNECT_TIMEOUT_MS);
  });

  it('[CON5] replaces a socket whose server has been silent for the silence timeout', () => {
    const online = transition(
      { name: 'greeting', socket: 1, failures: 0, giveUpAt: NOW },
      at({ type: 'welcomed', socket: 1, user }),
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
