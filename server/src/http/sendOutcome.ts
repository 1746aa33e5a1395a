import type { ConflictOutcome } from '@weft/client/protocol';
import type { Response } from 'express';
import type { AskedCommand } from '../commands/askedCommand.ts';
import type { Rehearsal } from '../commands/rehearsal.ts';
import { sendProblem } from './problem.ts';

export type Answered = AskedCommand & { readonly dryRun: boolean };

/** Answers with what became of a command, or with what would become of it. */
export function sendOutcome(response: Response, outcome: Rehearsal, answered: Answered): void {
  switch (outcome.outcome) {
    case 'rejected': {
      // `If-None-Match: *` asks that there be nothing yet.
      const isUnmet = outcome.code === 'already-exists' && answered.exact === true;
      return sendProblem(response, isUnmet ? 'precondition-failed' : outcome.code, {
        detail: outcome.detail,
        ...(outcome.errors && { errors: outcome.errors }),
      });
    }
    case 'conflict':
      response.set('ETag', `"${outcome.token}"`);
      return sendProblem(response, isStale(answered, outcome) ? 'precondition-failed' : 'conflict', {
        detail: 'nothing was changed; decide with what is there now and send its token',
        conflicts: outcome.conflicts,
        token: outcome.token,
      });
    case 'accepted':
    case 'merged':
    case 'partial':
      return sendApplied(response, outcome, answered);
  }
}

/** Whether `If-Match` does not hold. Where it does, the conflict is with something else that the writer said. */
function isStale({ exact, token }: Answered, conflict: ConflictOutcome): boolean {
  return exact === true && token !== undefined && token !== conflict.token;
}

function sendApplied(
  response: Response,
  outcome: Exclude<Rehearsal, { outcome: 'rejected' | 'conflict' }>,
  { aggregate, id, kind, dryRun }: Answered,
): void {
  if (kind === 'delete' && !dryRun) return void response.status(204).end();
  if (outcome.token !== undefined) response.set('ETag', `"${outcome.token}"`);
  if (kind === 'create' && !dryRun) response.status(201).location(`/api/${aggregate}/${id}`);
  response.json(outcome);
}
