import type { RequestHandler } from 'express';
import { sendProblem } from './problem.ts';

/** Answers every method that a path does not have with 405 and the ones it has. */
export function refuseOtherMethods(allowed: string): RequestHandler {
  return (request, response) => {
    response.set('Allow', allowed);
    sendProblem(response, 'method-not-allowed', { detail: `${request.method} is not one of ${allowed}` });
  };
}
