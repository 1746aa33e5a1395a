import { type Request, Router } from 'express';
import type { AggregateAddress } from '../aggregates/aggregateRef.ts';
import type { CommandServices } from './answerCommand.ts';
import { performWrite } from './performWrite.ts';
import { sendProblem } from './problem.ts';
import { readJsonBody } from './readJsonBody.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';

const JSON_TYPES = ['application/json'];

type Params = AggregateAddress & { readonly name: string };

/** The domain commands of aggregates, under `/api`. The body is the command's input. */
export function createCommandRoutes(services: CommandServices): Router {
  const router = Router();
  router
    .route('/:aggregate/:id/commands/:name')
    .post(async (request: Request<Params>, response) => {
      const body = readJsonBody(request, JSON_TYPES);
      if (!body.ok) return sendProblem(response, body.code, { detail: body.detail });
      const { name, ...at } = request.params;
      await performWrite(services, { request, response, at }, (token) => ({
        kind: 'invoke',
        name,
        input: body.value,
        token,
      }));
    })
    .all(refuseOtherMethods('POST'));
  return router;
}
