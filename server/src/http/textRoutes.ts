import { type Request, type RequestHandler, Router } from 'express';
import type { TextAddress } from '../text/textParticipant.ts';
import { patchText } from './patchText.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';
import { eraseText, replaceText } from './replaceText.ts';
import { sendText } from './sendText.ts';
import { findText, type TextExchange, type TextRoutesOptions } from './textExchange.ts';

type Answer = (options: TextRoutesOptions, exchange: TextExchange) => Promise<void>;

/** Reading, editing, replacing and erasing texts, under `/api`. */
export function createTextRoutes(options: TextRoutesOptions): Router {
  const answerBy =
    (answer: Answer): RequestHandler<TextAddress> =>
    async (request, response) => {
      const at = request.params;
      // Answers look at what any request has, not at its path.
      const exchange = { request: request as unknown as Request, response, at };
      if (await findText(options, at, response)) await answer(options, exchange);
    };
  const router = Router();
  router
    .route('/:aggregate/:id/texts/:field')
    .get(answerBy(sendText))
    .patch(answerBy(patchText))
    .put(answerBy(replaceText))
    .delete(answerBy(eraseText))
    .all(refuseOtherMethods('GET, HEAD, PATCH, PUT, DELETE'));
  return router;
}
