import { type Request, Router } from 'express';
import type { AggregateAddress } from '../aggregates/aggregateRef.ts';
import type { CommandServices } from './answerCommand.ts';
import { awaitAtLeast, type ReadServices } from './awaitAtLeast.ts';
import { createAggregate } from './createAggregate.ts';
import { describeTexts, type TextServices } from './describeTexts.ts';
import { sendIfNotModified } from './entityTag.ts';
import { performWrite } from './performWrite.ts';
import { sendProblem } from './problem.ts';
import { readJsonBody } from './readJsonBody.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';
import { sendAbsence } from './sendAbsence.ts';

export type AggregateRoutesOptions = CommandServices & TextServices & ReadServices;

const PATCH_TYPES = ['application/merge-patch+json', 'application/json'];

/** Creating, reading, changing and deleting single aggregates, under `/api`. */
export function createAggregateRoutes(options: AggregateRoutesOptions): Router {
  const { reader } = options;
  const router = Router();

  router
    .route('/:aggregate/:id')
    .get(async (request: Request<AggregateAddress>, response) => {
      const { aggregate, id } = request.params;
      if ((await awaitAtLeast(options, { request, response })) === 'answered') return;
      const view = await reader.read(aggregate, id);
      if (view.status !== 'existing') return sendAbsence(response, view.status);
      if (sendIfNotModified(request, response, `"${view.token}"`)) return;
      const texts = await describeTexts(options, request.params);
      response.json({ type: aggregate, id, fields: view.fields, token: view.token, texts });
    })
    .put(async (request: Request<AggregateAddress>, response) => {
      await createAggregate(options, { request, response, at: request.params });
    })
    .patch(async (request: Request<AggregateAddress>, response) => {
      const body = readJsonBody(request, PATCH_TYPES);
      if (!body.ok) return sendProblem(response, body.code, { detail: body.detail });
      const at = request.params;
      const patch = body.value;
      await performWrite(options, { request, response, at }, (token) => ({ kind: 'change', patch, token }));
    })
    .delete(async (request: Request<AggregateAddress>, response) => {
      const at = request.params;
      await performWrite(options, { request, response, at }, (token) => ({ kind: 'delete', token }));
    })
    .all(refuseOtherMethods('GET, HEAD, PUT, PATCH, DELETE'));

  return router;
}
