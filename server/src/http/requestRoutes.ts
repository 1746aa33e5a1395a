import { type Request, type Response, Router } from 'express';
import type { AggregateAddress } from '../aggregates/aggregateRef.ts';
import type { DeferredCommand, DeferredCommands } from '../commands/deferred/deferredCommands.ts';
import { userOf } from './identifyUser.ts';
import { readPreferences } from './preferences.ts';
import { RETRY_AFTER_SECONDS, sendProblem } from './problem.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';
import type { RequestWaits } from './requestWaits.ts';
import { sendOutcome } from './sendOutcome.ts';

export type RequestRoutesOptions = {
  readonly deferred: DeferredCommands;
  readonly waits: RequestWaits;
};

type RequestParams = AggregateAddress & { readonly request: string };

/** What has become of writes that nobody waited for, under `/api`. */
export function createRequestRoutes({ deferred, waits }: RequestRoutesOptions): Router {
  const router = Router();

  router
    .route('/:aggregate/:id/requests/:request')
    .get(async (request: Request<RequestParams>, response) => {
      const find = () => deferred.find(request.params, userOf(response));
      const { wait = 0 } = readPreferences(request);
      let found = await find();
      if (found && !found.outcome && wait > 0) {
        await waits.until(response, wait, deferred.whenSettled(request.params.request));
        found = await find();
      }
      sendStatus(response, found);
    })
    .all(refuseOtherMethods('GET, HEAD'));

  return router;
}

function sendStatus(response: Response, found: DeferredCommand | undefined): void {
  if (!found) return sendProblem(response, 'not-found', { detail: 'there is no such request of yours' });
  if (found.outcome) return sendOutcome(response, found.outcome, { ...found.asked, dryRun: false });
  response
    .status(202)
    .set({ 'Retry-After': RETRY_AFTER_SECONDS, 'Cache-Control': 'no-store' })
    .json({ outcome: 'pending' });
}
