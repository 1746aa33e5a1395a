import { type Request, type Response, Router } from 'express';
import type { DeferredCommand, DeferredCommands } from '../commands/deferredCommands.ts';
import type { Clock } from '../lifecycle/clock.ts';
import { userOf } from './identifyUser.ts';
import type { AggregateAddress } from './performWrite.ts';
import { readPreferences } from './preferences.ts';
import { sendProblem } from './problem.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';
import { sendOutcome } from './sendOutcome.ts';

export type RequestRoutesOptions = {
  readonly deferred: DeferredCommands;
  readonly clock: Clock;
};

type RequestParams = AggregateAddress & { readonly request: string };

const MAX_WAIT_SECONDS = 30;
const RETRY_AFTER_SECONDS = '1';

/** What has become of writes that nobody waited for, under `/api`. */
export function createRequestRoutes({ deferred, clock }: RequestRoutesOptions): Router {
  const router = Router();

  router
    .route('/:aggregate/:id/requests/:request')
    .get(async (request: Request<RequestParams>, response) => {
      const find = () => deferred.find(request.params, userOf(response));
      const { wait = 0 } = readPreferences(request);
      let found = await find();
      if (found && !found.outcome && wait > 0) {
        await waitFor(deferred.whenSettled(request.params.request), response, wait);
        found = await find();
      }
      sendStatus(response, found);
    })
    .all(refuseOtherMethods('GET, HEAD'));

  /** Until it has happened, so many seconds have passed or the client has hung up. */
  async function waitFor(event: Promise<void>, response: Response, seconds: number): Promise<void> {
    if (response.closed) return;
    const ended = Promise.withResolvers<undefined>();
    const end = () => ended.resolve(undefined);
    const cancel = clock.after(Math.min(seconds, MAX_WAIT_SECONDS) * 1_000, end);
    response.once('close', end);
    await Promise.race([event, ended.promise]);
    cancel();
    response.off('close', end);
  }

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
