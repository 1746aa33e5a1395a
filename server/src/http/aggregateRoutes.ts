import type { Command } from '@weft/client/protocol';
import { type Request, type Response, Router } from 'express';
import type { AggregateReader } from '../aggregates/aggregateReader.ts';
import type { CommandHandler } from '../commands/commandHandler.ts';
import { toIdOfKey } from '../commands/idempotency.ts';
import type { AggregateLists } from '../projections/aggregateLists.ts';
import type { TextRooms } from '../text/textRooms.ts';
import { describeTexts, type TextNames } from './describeTexts.ts';
import { userOf } from './identifyUser.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';
import { sendProblem } from './problem.ts';
import { readJsonBody } from './readJsonBody.ts';
import { sendOutcome } from './sendOutcome.ts';
import { readWriteOptions, type WriteOptions } from './writeHeaders.ts';

export type AggregateRoutesOptions = {
  readonly commands: CommandHandler;
  readonly reader: AggregateReader;
  readonly lists: AggregateLists;
  readonly rooms: TextRooms;
  readonly textNames: TextNames;
  readonly createId: () => string;
};

const JSON_TYPES = ['application/json'];
const PATCH_TYPES = ['application/merge-patch+json', 'application/json'];

type Params = { aggregate: string; id: string };

/** Creating, reading, changing and deleting aggregates, under `/api`. */
export function createAggregateRoutes(options: AggregateRoutesOptions): Router {
  const { commands, reader, lists, createId } = options;
  const router = Router();

  router
    .route('/:aggregate')
    .get(async (request: Request<{ aggregate: string }>, response) => {
      await lists.whenReady();
      const items = lists.list(request.params.aggregate);
      if (!items)
        return sendProblem(response, 'unknown-aggregate', { detail: 'there is no such aggregate type' });
      response.json({ items });
    })
    .post(async (request: Request<{ aggregate: string }>, response) => {
      const write = openWrite(request, response);
      if (!write) return;
      const { aggregate } = request.params;
      const key = write.options.idempotencyKey;
      const id = key === undefined ? createId() : toIdOfKey(aggregate, userOf(response).id, key);
      await create({ aggregate, id }, write, response);
    })
    .all(refuseOtherMethods('GET, HEAD, POST'));

  router
    .route('/:aggregate/:id')
    .get(async (request: Request<Params>, response) => {
      const { aggregate, id } = request.params;
      const view = await reader.read(aggregate, id);
      if (view.status !== 'existing') return sendAbsence(response, view.status);
      const etag = `"${view.token}"`;
      response.set('ETag', etag);
      if (matchesEtag(request.get('If-None-Match'), etag)) return void response.status(304).end();
      const texts = await describeTexts(options, request.params);
      response.json({ type: aggregate, id, fields: view.fields, token: view.token, texts });
    })
    .put(async (request: Request<Params>, response) => {
      const write = openWrite(request, response);
      if (write) await create(request.params, write, response);
    })
    .patch(async (request: Request<Params>, response) => {
      const body = readJsonBody(request, PATCH_TYPES);
      if (!body.ok) return sendProblem(response, body.code, body);
      await guarded(request, response, (token) => ({ kind: 'change', patch: body.value, token }));
    })
    .delete(async (request: Request<Params>, response) => {
      await guarded(request, response, (token) => ({ kind: 'delete', token }));
    })
    .all(refuseOtherMethods('GET, HEAD, PUT, PATCH, DELETE'));

  async function create(at: Params, write: CreateWrite, response: Response): Promise<void> {
    const outcome = await commands.execute({
      ...at,
      command: { kind: 'create', fields: write.fields },
      user: userOf(response),
      idempotencyKey: write.options.idempotencyKey,
    });
    if (outcome.outcome === 'rejected' && outcome.code === 'already-exists' && write.onlyNew) {
      return sendProblem(response, 'precondition-failed', { detail: outcome.detail });
    }
    if (outcome.outcome !== 'rejected') response.status(201).location(`/api/${at.aggregate}/${at.id}`);
    sendOutcome(response, outcome, { exact: false });
  }

  async function guarded(
    request: Request<Params>,
    response: Response,
    toCommand: (token: WriteOptions['token']) => Command,
  ): Promise<void> {
    const read = readWriteOptions(request);
    if (!read.ok) return sendProblem(response, read.code, { detail: read.detail });
    const { token, exact, idempotencyKey, handling, dryRun } = read.options;
    const outcome = await commands.execute({
      ...request.params,
      command: toCommand(token),
      user: userOf(response),
      idempotencyKey,
      handling,
      exact,
      dryRun,
    });
    if (handling === 'lenient') response.set('Preference-Applied', 'handling=lenient');
    const deleted =
      request.method === 'DELETE' && (outcome.outcome === 'accepted' || outcome.outcome === 'merged');
    if (deleted) return void response.status(204).end();
    sendOutcome(response, outcome, { exact });
  }

  return router;
}

type CreateWrite = {
  readonly fields: Record<string, unknown>;
  readonly options: WriteOptions;
  readonly onlyNew: boolean;
};

/** Reads a creation, or answers what is wrong with it. */
function openWrite(request: Request, response: Response): CreateWrite | undefined {
  const body = readJsonBody(request, JSON_TYPES);
  const read = readWriteOptions(request);
  if (!body.ok) sendProblem(response, body.code, { detail: body.detail });
  else if (!read.ok) sendProblem(response, read.code, { detail: read.detail });
  else if (read.options.dryRun)
    sendProblem(response, 'malformed-request', { detail: 'a creation has no dry run' });
  else {
    const onlyNew = request.get('If-None-Match')?.trim() === '*';
    return { fields: body.value, options: read.options, onlyNew };
  }
  return undefined;
}

function sendAbsence(response: Response, status: 'unknown-aggregate' | 'missing' | 'deleted'): void {
  if (status === 'deleted') return sendProblem(response, 'deleted', { detail: 'it was deleted' });
  if (status === 'missing')
    return sendProblem(response, 'not-found', { detail: 'there is nothing of this id' });
  sendProblem(response, 'unknown-aggregate', { detail: 'there is no such aggregate type' });
}

/** `If-None-Match` compares weakly (RFC 9110, 13.1.2). */
function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
