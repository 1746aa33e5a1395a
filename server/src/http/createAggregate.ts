import { answerCommand, type CommandServices } from './answerCommand.ts';
import { userOf } from './identifyUser.ts';
import type { Exchange } from './performWrite.ts';
import { sendProblem } from './problem.ts';
import { readJsonBody } from './readJsonBody.ts';
import { readWriteOptions } from './writeHeaders.ts';

const JSON_TYPES = ['application/json'];

/** Creates an aggregate, as the request's headers ask, and answers it. */
export async function createAggregate(
  services: CommandServices,
  { request, response, at }: Exchange,
): Promise<void> {
  const body = readJsonBody(request, JSON_TYPES);
  if (!body.ok) return sendProblem(response, body.code, { detail: body.detail });
  const read = readWriteOptions(request);
  if (!read.ok) return sendProblem(response, read.code, { detail: read.detail });
  const { tokens, match, fieldsMatch, idempotencyKey, ...options } = read.options;
  if (match !== undefined) {
    return sendProblem(response, 'precondition-failed', { detail: 'a creation finds nothing to match' });
  }
  if (tokens.length > 0 || fieldsMatch) {
    const detail = 'a creation has no earlier state: it takes neither Consistency-Token nor Fields-Match';
    return sendProblem(response, 'malformed-request', { detail });
  }
  await answerCommand(services, response, {
    command: {
      ...at,
      command: { kind: 'create', fields: body.value },
      user: userOf(response),
      idempotencyKey,
      exact: request.get('If-None-Match')?.trim() === '*',
    },
    options,
  });
}
