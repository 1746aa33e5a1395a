import { type Request, Router } from 'express';
import { toIdOfKey } from '../commands/idempotency.ts';
import type { AggregateLists } from '../projections/aggregateLists.ts';
import type { CommandServices } from './answerCommand.ts';
import { awaitAtLeast, type ReadServices } from './awaitAtLeast.ts';
import { createAggregate } from './createAggregate.ts';
import { sendIfNotModified, toEntityTag } from './entityTag.ts';
import { userOf } from './identifyUser.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';
import { sendAbsence } from './sendAbsence.ts';

export type CollectionRoutesOptions = CommandServices &
  ReadServices & { readonly lists: AggregateLists; readonly createId: () => string };

/** Listing a type's aggregates, and creating one under an id of the server's choice, under `/api`. */
export function createCollectionRoutes(options: CollectionRoutesOptions): Router {
  const { lists, createId } = options;
  const router = Router();
  router
    .route('/:aggregate')
    .get(async (request: Request<{ aggregate: string }>, response) => {
      const { aggregate } = request.params;
      // The lists follow the store: without this, whoever wrote may not find it in them yet.
      const awaited = await awaitAtLeast(options, { request, response, whenAt: lists.whenAt });
      if (awaited === 'answered') return;
      await lists.whenReady();
      const items = lists.list(aggregate);
      if (!items) return sendAbsence(response, 'unknown-aggregate');
      const etag = toEntityTag([aggregate, ...items.map(({ id, token }) => [id, token])]);
      if (sendIfNotModified(request, response, etag)) return;
      response.json({ items });
    })
    .post(async (request: Request<{ aggregate: string }>, response) => {
      const { aggregate } = request.params;
      const key = request.get('Idempotency-Key');
      const id = key === undefined ? createId() : toIdOfKey(aggregate, userOf(response).id, key);
      await createAggregate(options, { request, response, at: { aggregate, id } });
    })
    .all(refuseOtherMethods('GET, HEAD, POST'));
  return router;
}
