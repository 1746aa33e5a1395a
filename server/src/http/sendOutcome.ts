import type { CommandOutcome } from '@weft/client/protocol';
import type { Response } from 'express';
import { sendProblem } from './problem.ts';

/** Answers with what became of a command; `exact` says that the command asked by `If-Match`. */
export function sendOutcome(
  response: Response,
  outcome: CommandOutcome,
  { exact }: { exact: boolean },
): void {
  switch (outcome.outcome) {
    case 'rejected':
      return sendProblem(response, outcome.code, {
        detail: outcome.detail,
        ...(outcome.errors && { errors: outcome.errors }),
      });
    case 'conflict':
      response.set('ETag', `"${outcome.token}"`);
      return sendProblem(response, exact ? 'precondition-failed' : 'conflict', {
        detail: 'nothing was changed; decide with what is there now and send its token',
        conflicts: outcome.conflicts,
        token: outcome.token,
      });
    case 'accepted':
    case 'merged':
    case 'partial':
      response.set('ETag', `"${outcome.token}"`).json(outcome);
  }
}
