import type { ConsistencyToken } from '@weft/client/protocol';
import type { Request, Response } from 'express';
import type { AggregateAddress } from '../aggregates/aggregateRef.ts';
import { readToken } from '../aggregates/aggregateToken.ts';
import type { CommandRequest } from '../commands/commandRequest.ts';
import { toStreamName } from '../event-store/streamName.ts';
import { answerCommand, type CommandServices } from './answerCommand.ts';
import { userOf } from './identifyUser.ts';
import { sendProblem } from './problem.ts';
import { readWriteOptions, type WriteOptions } from './writeHeaders.ts';

/** A request about one aggregate, and where its answer goes. */
export type Exchange = {
  readonly request: Request;
  readonly response: Response;
  readonly at: AggregateAddress;
};

/** Carries out a write of what is there, as its headers ask, and answers it. */
export async function performWrite(
  services: CommandServices,
  { request, response, at: { aggregate, id } }: Exchange,
  toCommand: (token: ConsistencyToken | undefined) => CommandRequest['command'],
): Promise<void> {
  const read = readWriteOptions(request);
  if (!read.ok) return sendProblem(response, read.code, { detail: read.detail });
  const { tokens, match, fieldsMatch, idempotencyKey, ...options } = read.options;
  // What is there is not absent, and what is not there cannot be changed.
  if (request.get('If-None-Match')?.trim() === '*') {
    return sendProblem(response, 'precondition-failed', { detail: 'only a creation finds nothing there' });
  }
  const guards = toGuards({ aggregate, id }, { tokens, match });
  if (!guards) {
    const detail = 'a write takes one consistency token of each aggregate';
    return sendProblem(response, 'malformed-request', { detail });
  }
  const { token, dependsOn } = guards;
  const { handling } = options;
  await answerCommand(services, response, {
    command: {
      aggregate,
      id,
      command: toCommand(token),
      user: userOf(response),
      idempotencyKey,
      handling,
      exact: match !== undefined,
      fieldsMatch,
      dependsOn,
    },
    options,
  });
}

type Guards = {
  readonly token: ConsistencyToken | undefined;
  readonly dependsOn: readonly ConsistencyToken[];
};

/** Undefined where two tokens are of one aggregate: there is no saying which of the two states was seen. */
function toGuards(
  { aggregate, id }: AggregateAddress,
  { tokens, match }: Pick<WriteOptions, 'tokens' | 'match'>,
): Guards | undefined {
  // A single one is looked at where it is judged.
  if (tokens.length < 2 && match === undefined) return { token: tokens[0], dependsOn: [] };
  const ownStream = toStreamName(aggregate, id);
  const streams = tokens.map((token) => readToken(token)?.stream);
  const known = streams.filter((stream) => stream !== undefined);
  if (new Set(known).size < known.length) return undefined;
  const own = tokens.find((_token, index) => streams[index] === ownStream);
  const dependsOn = tokens.filter((token) => token !== own);
  if (match !== undefined && match !== '*') return { token: match, dependsOn };
  // Without one of its own, the first is taken for it, and refused.
  return own === undefined
    ? { token: dependsOn[0], dependsOn: dependsOn.slice(1) }
    : { token: own, dependsOn };
}
