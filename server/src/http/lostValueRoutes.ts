import type { AggregateDefinition } from '@weft/client/protocol';
import { type Request, Router } from 'express';
import { type AggregateAddress, findRef } from '../aggregates/aggregateRef.ts';
import type { AggregateRepository } from '../aggregates/aggregateRepository.ts';
import { isLosingValueId, type KeptLosingValue, type LosingValues } from '../commands/losingValues.ts';
import type { CommandServices } from './answerCommand.ts';
import { performWrite } from './performWrite.ts';
import { sendProblem } from './problem.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';
import { sendAbsence } from './sendAbsence.ts';

export type LostValueRoutesOptions = CommandServices & {
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  readonly repository: AggregateRepository;
  readonly losingValues: LosingValues;
};

type EntryParams = AggregateAddress & { readonly entry: string };

const MAX_LIMIT = 100;

/** The values that lost in conflicts, and taking them back, under `/api`. */
export function createLostValueRoutes(options: LostValueRoutesOptions): Router {
  const { definitions, repository, losingValues } = options;
  const router = Router();

  router
    .route('/:aggregate/:id/conflicts')
    .get(async (request: Request<AggregateAddress>, response) => {
      const page = readPage(request.query);
      if (!page) {
        const detail = `the query parameters are limit, from 1 to ${MAX_LIMIT}, and before, the id of an entry`;
        return sendProblem(response, 'malformed-request', { detail });
      }
      const ref = findRef(definitions, request.params);
      if (typeof ref === 'string') return sendAbsence(response, ref);
      const fold = await repository.load(ref);
      if (fold.state.status !== 'existing') return sendAbsence(response, fold.state.status);
      await losingValues.catchUp(ref, fold);
      const { values, next } = await losingValues.list(ref, page);
      response.json({ items: values.map(toItem), ...(next !== undefined && { next }) });
    })
    .all(refuseOtherMethods('GET, HEAD'));

  router
    .route('/:aggregate/:id/conflicts/:entry/restore')
    .post(async (request: Request<EntryParams>, response) => {
      const { entry, ...at } = request.params;
      const ref = findRef(definitions, at);
      if (typeof ref === 'string') return sendAbsence(response, ref);
      const kept = await losingValues.find(ref, entry);
      if (!kept) return sendProblem(response, 'not-found', { detail: 'no value of this id was lost' });
      const values = { [kept.losing.field]: toLostOne(kept) };
      await performWrite(options, { request, response, at }, (token) => ({ kind: 'set', values, token }));
    })
    .all(refuseOtherMethods('POST'));

  return router;
}

/** The value that restoring brings back: what was stored where that was overwritten, else what was asked. */
function toLostOne({ losing: { why, is, want } }: KeptLosingValue): unknown {
  return why === 'overwritten' ? is : want;
}

function toItem(entry: KeptLosingValue): Record<string, unknown> {
  const { id, losing, writer, at } = entry;
  const { by: isBy, at: isAt, ...values } = losing;
  return { id, ...values, value: toLostOne(entry), by: writer, at, isBy, isAt };
}

function readPage(
  query: Readonly<Record<string, unknown>>,
): { readonly before: string | undefined; readonly limit: number } | undefined {
  const { before, limit = String(MAX_LIMIT), ...unknown } = query;
  if (Object.keys(unknown).length > 0 || typeof limit !== 'string') return undefined;
  if (before !== undefined && (typeof before !== 'string' || !isLosingValueId(before))) return undefined;
  const most = /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  return most >= 1 && most <= MAX_LIMIT ? { before, limit: most } : undefined;
}
