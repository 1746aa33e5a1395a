import { toBackOffDelay } from './toBackOffDelay.ts';

/** Milliseconds for a token to be had. */
export const READ_TIMEOUT_MS = 15_000;

const LIFE_TO_USE = 0.8;
const MARGIN_MS = 5_000;
const MIN_WAIT_MS = 1_000;
const WAIT_WITHOUT_LIFE_MS = 30_000;
const JITTER = 0.1;

/**
 * What is done about the token of a running session. `resting`: at `at` it is read anew. `reading`: at `at` that counts
 * as failed. `sent`: the server has another one and has not answered yet.
 */
export type Renewal = {
  readonly phase: 'resting' | 'reading' | 'sent';
  /** The last time that a token was read; a token that an earlier reading brings is too late. */
  readonly reading: number;
  /** Readings that failed in a row. */
  readonly failures: number;
  /** Of the token in use, in milliseconds since the epoch; undefined: never. */
  readonly expiresAt: number | undefined;
  readonly at: number | undefined;
};

type Moment = { readonly now: number; readonly random: number };

/** Of a session whose server said when its token expires. */
export function startRenewal(expiresAt: number, moment: Moment): Renewal {
  return rest({ phase: 'resting', reading: 0, failures: 0, expiresAt, at: undefined }, moment);
}

/** Until the token is to be read anew. */
export function rest(renewal: Renewal, { now, random }: Moment): Renewal {
  const { expiresAt } = renewal;
  const at = expiresAt === undefined ? undefined : now + toWait(expiresAt - now) * (1 - JITTER * random);
  return { ...renewal, phase: 'resting', failures: 0, at };
}

export function read(renewal: Renewal, { now }: Moment): Renewal {
  return { ...renewal, phase: 'reading', reading: renewal.reading + 1, at: now + READ_TIMEOUT_MS };
}

export function failToRead(renewal: Renewal, { now, random }: Moment): Renewal {
  const failures = renewal.failures + 1;
  return { ...renewal, phase: 'resting', failures, at: now + toBackOffDelay(failures, random) };
}

/** The server took a token. What was asked for since then is still wanted. */
export function acceptExpiry(renewal: Renewal, expiresAt: number | undefined, moment: Moment): Renewal {
  const renewed = { ...renewal, expiresAt };
  return renewal.phase === 'reading' ? renewed : rest(renewed, moment);
}

/** A token that the server takes but that has no time left by this device's clock shows that the clock is wrong. */
function toWait(life: number): number {
  return life > 0
    ? Math.max(MIN_WAIT_MS, Math.min(life * LIFE_TO_USE, life - MARGIN_MS))
    : WAIT_WITHOUT_LIFE_MS;
}
