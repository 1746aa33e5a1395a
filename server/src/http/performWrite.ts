import type { ConsistencyToken } from '@weft/client/protocol';
import type { Request, Response } from 'express';
import { readToken } from '../aggregates/aggregateToken.ts';
import type { CommandRequest } from '../commands/commandRequest.ts';
import { toStreamName } from '../event-store/streamName.ts';
import { answerCommand, type CommandServices } from './answerCommand.ts';
import { userOf } from './identifyUser.ts';
import { sendProblem } from './problem.ts';
import { readWriteOptions } from './writeHeaders.ts';

export type AggregateAddress = { readonly aggregate: string; readonly id: string };

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
  const { tokens, exact, fieldsMatch, idempotencyKey, ...options } = read.options;
  const { token, dependsOn } = splitTokens({ aggregate, id }, tokens);
  const { handling } = options;
  const guards = { idempotencyKey, handling, exact, fieldsMatch, dependsOn };
  const command = toCommand(token);
  await answerCommand(services, response, {
    command: { aggregate, id, command, user: userOf(response), ...guards },
    options,
  });
}

/** The token of this aggregate guards the write; the others are of what it depends on. */
function splitTokens(
  { aggregate, id }: AggregateAddress,
  tokens: readonly ConsistencyToken[],
): { readonly token: ConsistencyToken | undefined; readonly dependsOn: readonly ConsistencyToken[] } {
  const stream = toStreamName(aggregate, id);
  // Without one of its own, the first is taken for it, and refused.
  const token = tokens.find((candidate) => readToken(candidate)?.stream === stream) ?? tokens[0];
  return { token, dependsOn: tokens.filter((candidate) => candidate !== token) };
}
