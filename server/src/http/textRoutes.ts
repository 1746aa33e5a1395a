import { type Request, Router } from 'express';
import type { AggregateReader } from '../aggregates/aggregateReader.ts';
import type { TextRooms } from '../text/textRooms.ts';
import type { TextNames } from './describeTexts.ts';
import { sendIfNotModified } from './entityTag.ts';
import { sendProblem } from './problem.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';

export type TextRoutesOptions = {
  readonly reader: AggregateReader;
  readonly rooms: TextRooms;
  readonly textNames: TextNames;
};

type Params = { aggregate: string; id: string; field: string };

/** Reading texts, under `/api`. */
export function createTextRoutes({ reader, rooms, textNames }: TextRoutesOptions): Router {
  const router = Router();
  router
    .route('/:aggregate/:id/texts/:field')
    .get(async (request: Request<Params>, response) => {
      const { aggregate, id, field } = request.params;
      const view = await reader.read(aggregate, id);
      if (view.status === 'deleted') return sendProblem(response, 'deleted', { detail: 'it was deleted' });
      if (view.status !== 'existing' || !textNames.get(aggregate)?.includes(field)) {
        return sendProblem(response, 'not-found', { detail: 'there is no such text' });
      }
      const { text, revision } = await rooms.read({ aggregate, id, field });
      const etag = `"${revision ?? 'empty'}"`;
      if (sendIfNotModified(request, response, etag)) return;
      response.type('text/plain').send(text);
    })
    .all(refuseOtherMethods('GET, HEAD'));
  return router;
}
