import { type Request, Router } from 'express';
import type { AggregateLists } from '../projections/aggregateLists.ts';
import { awaitAtLeast, type ReadServices } from './awaitAtLeast.ts';
import { sendIfNotModified, toEntityTag } from './entityTag.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';
import { sendAbsence } from './sendAbsence.ts';

export type ListRoutesOptions = ReadServices & { readonly lists: AggregateLists };

/** Lists of aggregates, under `/api`. */
export function createListRoutes(options: ListRoutesOptions): Router {
  const { lists } = options;
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
    .all(refuseOtherMethods('GET, HEAD, POST'));
  return router;
}
