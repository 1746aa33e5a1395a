import type { Request, Response } from 'express';
import type { AggregateReader } from '../aggregates/aggregateReader.ts';
import type { AwaitedStates } from '../aggregates/awaitStates.ts';
import type { Position } from '../event-store/eventStore.ts';
import { type ProblemCode, sendProblem } from './problem.ts';
import { type ReadOptions, readReadOptions } from './readHeaders.ts';
import type { RequestWaits } from './requestWaits.ts';

/** What a read is answered from. */
export type ReadServices = { readonly reader: AggregateReader; readonly waits: RequestWaits };

export type ReadExchange = {
  readonly request: Request;
  readonly response: Response;
  /** Waits until what is answered from has come to a position. Default: it is the store itself. */
  readonly whenAt?: (
    position: Position,
    options: { readonly signal: AbortSignal },
  ) => Promise<'reached' | 'aborted'>;
};

/**
 * Waits until an answer is as new as the request's `At-Least` asks. Where it cannot be, or the client hung up, it is
 * `answered` already.
 */
export async function awaitAtLeast(
  services: ReadServices,
  exchange: ReadExchange,
): Promise<'reached' | 'answered'> {
  const { request, response } = exchange;
  const read = readReadOptions(request);
  if (!read.ok) {
    sendProblem(response, read.code, { detail: read.detail });
    return 'answered';
  }
  const { atLeast, waitSeconds, isWaitPreferred } = read.options;
  if (atLeast.length === 0) return 'reached';
  if (isWaitPreferred) response.set('Preference-Applied', `wait=${waitSeconds}`);
  const outcome = await awaitWithin(services, exchange, read.options);
  if (outcome === 'reached') return 'reached';
  if (!response.destroyed) sendRefusal(response, outcome, read.options);
  return 'answered';
}

function awaitWithin(
  { reader, waits }: ReadServices,
  { response, whenAt }: ReadExchange,
  { atLeast, waitSeconds }: ReadOptions,
): Promise<AwaitedStates['outcome']> {
  return waits.run(response, waitSeconds, async (signal) => {
    const awaited = await reader.awaitStates(atLeast, { signal });
    if (awaited.outcome !== 'reached' || awaited.position === undefined || !whenAt) return awaited.outcome;
    return (await whenAt(awaited.position, { signal })) === 'reached' ? 'reached' : 'not-yet';
  });
}

function sendRefusal(
  response: Response,
  outcome: Exclude<AwaitedStates['outcome'], 'reached'>,
  { waitSeconds }: ReadOptions,
): void {
  const details = {
    malformed: 'At-Least takes consistency tokens of aggregates, as reads and writes gave them',
    'history-gone':
      'the history of a token in At-Least is gone, as after a backup was restored; read without it',
    'not-yet': `a state of At-Least did not come within ${waitSeconds} s; try again`,
  };
  sendProblem(response, CODES[outcome], { detail: details[outcome] });
}

const CODES = {
  malformed: 'malformed-token',
  'history-gone': 'precondition-failed',
  'not-yet': 'not-yet',
} as const satisfies Record<Exclude<AwaitedStates['outcome'], 'reached'>, ProblemCode>;
