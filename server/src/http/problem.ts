import type { RejectionCode } from '@weft/client/protocol';
import type { Response } from 'express';

type ProblemKind = { readonly status: number; readonly title: string };

/** Every problem that HTTP answers with (RFC 9457); its type is `urn:weft:problem:<code>`. */
export const PROBLEMS = {
  'malformed-request': { status: 400, title: 'The request is malformed' },
  'malformed-token': { status: 400, title: 'A consistency token makes no sense here' },
  unauthenticated: { status: 401, title: 'Who you are could not be established' },
  forbidden: { status: 403, title: 'You may not do this' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'unknown-aggregate': { status: 404, title: 'There is no such aggregate type' },
  'unknown-command': { status: 404, title: 'There is no such command' },
  'method-not-allowed': { status: 405, title: 'This cannot be done here' },
  'already-exists': { status: 409, title: 'It exists already' },
  conflict: { status: 409, title: 'Somebody changed this meanwhile' },
  deleted: { status: 410, title: 'It was deleted' },
  'precondition-failed': { status: 412, title: 'It is not in the state that was asked for' },
  'precondition-required': { status: 428, title: 'It has to be said what this is made from' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is of a type that is not read here' },
  'invalid-fields': { status: 422, title: 'Some values are not allowed' },
  'invalid-text': { status: 422, title: 'The text does not take this' },
  'invalid-input': { status: 422, title: 'The command does not take this' },
  refused: { status: 422, title: 'The command was refused' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for another command' },
  internal: { status: 500, title: 'Something went wrong here' },
  'not-yet': { status: 503, title: 'That state is not here yet; try again' },
  overloaded: { status: 503, title: 'Too busy; try again' },
  unavailable: { status: 503, title: 'The store cannot be reached; try again' },
} as const satisfies Record<RejectionCode, ProblemKind> & Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** When a client may ask again. */
export const RETRY_AFTER_SECONDS = '1';

/** `extension` are members of the problem's type, such as a conflict's `conflicts`. */
type ProblemMembers = { readonly detail: string } & Readonly<Record<string, unknown>>;

/** Answers with a problem document. */
export function sendProblem(response: Response, code: ProblemCode, members: ProblemMembers): void {
  response.send(startProblem(response, code, members));
}

/** Sets status and headers of a problem document, and gives what is to be sent. */
export function startProblem(
  response: Response,
  code: ProblemCode,
  { detail, ...extension }: ProblemMembers,
): string {
  const { status, title } = PROBLEMS[code];
  if (status === 503) response.set('Retry-After', RETRY_AFTER_SECONDS);
  if (status === 401) response.set('WWW-Authenticate', 'Bearer');
  response.status(status).type('application/problem+json');
  return JSON.stringify({ type: `urn:weft:problem:${code}`, title, status, detail, ...extension });
}
