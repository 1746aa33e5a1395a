import { idempotencyKeySchema } from '@weft/client/protocol';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AggregateReader } from '../aggregates/aggregateReader.ts';
import type { TextAddress } from '../text/textParticipant.ts';
import type { RestoreResult, TakeResult, TextVersions } from '../text/versions/textVersions.ts';
import type { VersionHeader } from '../text/versions/versionEvents.ts';
import { versionNameSchema } from '../text/versions/versionName.ts';
import { acceptedForm } from './acceptedForm.ts';
import type { TextNames } from './describeTexts.ts';
import { sendIfNotModified } from './entityTag.ts';
import { userOf } from './identifyUser.ts';
import { sendProblem } from './problem.ts';
import { readJsonBody } from './readJsonBody.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';
import { findText, takesHeaders } from './textExchange.ts';

export type TextVersionRoutesOptions = {
  readonly reader: AggregateReader;
  readonly textNames: TextNames;
  readonly versions: TextVersions;
};

type VersionParams = TextAddress & { readonly version: string };

const MAX_LIMIT = 100;

const takeSchema = z.strictObject({ name: versionNameSchema });

const pageSchema = z.strictObject({
  kind: z.enum(['named', 'automatic']).optional(),
  before: z
    .string()
    .regex(/^\d{1,18}$/)
    .transform((digits) => BigInt(digits))
    .optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .pipe(z.number().min(1).max(MAX_LIMIT))
    .default(MAX_LIMIT),
});

/** The versions of texts, under `/api`. */
export function createTextVersionRoutes({ reader, textNames, versions }: TextVersionRoutesOptions): Router {
  const router = Router();

  const hasText = (at: TextAddress, response: Response) => findText({ reader, textNames }, at, response);

  router
    .route('/:aggregate/:id/texts/:field/versions')
    .get(async (request: Request<TextAddress>, response) => {
      const page = pageSchema.safeParse(request.query);
      if (!page.success) {
        const detail = `the query parameters are kind, named or automatic, limit, from 1 to ${MAX_LIMIT}, and before, the next of a page`;
        return sendProblem(response, 'malformed-request', { detail });
      }
      if (!(await hasText(request.params, response))) return;
      const { versions: items, next } = await versions.list(request.params, page.data);
      response.json({ items: items.map(toItem), ...(next !== undefined && { next: String(next) }) });
    })
    .post(async (request: Request<TextAddress>, response) => {
      if (!takesWrite(request, response)) return;
      const key = request.get('Idempotency-Key');
      if (key !== undefined && !idempotencyKeySchema.safeParse(key).success) {
        const detail = 'an idempotency key has 1 to 128 printable ASCII characters';
        return sendProblem(response, 'malformed-request', { detail });
      }
      const body = readJsonBody(request, ['application/json']);
      if (!body.ok) return sendProblem(response, body.code, { detail: body.detail });
      const asked = takeSchema.safeParse(body.value);
      if (!asked.success) {
        const errors = asked.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
        return sendProblem(response, 'invalid-input', { detail: 'a version has a name', errors });
      }
      if (!(await hasText(request.params, response))) return;
      const user = userOf(response);
      sendTaken(request, response, await versions.take(request.params, { ...asked.data, user, key }));
    })
    .all(refuseOtherMethods('GET, HEAD, POST'));

  router
    .route('/:aggregate/:id/texts/:field/versions/:version')
    .get(async (request: Request<VersionParams>, response) => {
      const { version: id, ...address } = request.params;
      if (!(await hasText(address, response))) return;
      const version = await versions.read(address, id);
      if (!version) return sendNoVersion(response);
      const { text, content, ...header } = version;
      const type =
        acceptedForm(request, ['text/plain', 'application/json']) === 'application/json' ? 'json' : 'text';
      response.vary('Accept');
      if (sendIfNotModified(request, response, `"${id}.${type}"`)) return;
      if (type === 'json') response.json({ ...toItem(header), content });
      else response.type('text/plain').send(text);
    })
    .all(refuseOtherMethods('GET, HEAD'));

  router
    .route('/:aggregate/:id/texts/:field/versions/:version/diff')
    .get(async (request: Request<VersionParams>, response) => {
      const { version, ...address } = request.params;
      if (!(await hasText(address, response))) return;
      const { outcome, ...compared } = await versions.compare(address, version);
      if (outcome === 'compared') return void response.json(compared);
      if (outcome === 'missing') return sendNoVersion(response);
      sendProblem(response, 'overloaded', { detail: 'too many versions are being compared' });
    })
    .all(refuseOtherMethods('GET, HEAD'));

  router
    .route('/:aggregate/:id/texts/:field/versions/:version/restore')
    .post(async (request: Request<VersionParams>, response) => {
      const { version, ...address } = request.params;
      if (!takesWrite(request, response)) return;
      if (request.get('Idempotency-Key') !== undefined) {
        const detail = 'this takes no idempotency key; each restore keeps the text of before';
        return sendProblem(response, 'malformed-request', { detail });
      }
      if (!(await hasText(address, response))) return;
      sendRestored(response, await versions.restore(address, version, userOf(response)));
    })
    .all(refuseOtherMethods('POST'));

  return router;
}

/** Whether a write asks only for what there is; where it does not, it is answered. */
function takesWrite(request: Request<TextAddress>, response: Response): boolean {
  if (request.get('If-Match') === undefined) return takesHeaders({ request, response, at: request.params });
  sendProblem(response, 'malformed-request', {
    detail: 'a version is taken, or restored, whatever the text is',
  });
  return false;
}

function toItem({ revision, ...header }: VersionHeader): Record<string, unknown> {
  return { ...header, revision: revision?.toString() ?? null };
}

function sendNoVersion(response: Response): void {
  sendProblem(response, 'not-found', { detail: 'there is no such version' });
}

function sendTaken(request: Request<TextAddress>, response: Response, taken: TakeResult): void {
  if (taken.outcome === 'full') {
    const detail = `the text has ${taken.limit} named versions, which is as many as it may have`;
    return sendProblem(response, 'refused', { detail });
  }
  if (taken.outcome === 'key-reused') {
    const detail = 'the key was used for a version of another name';
    return sendProblem(response, 'idempotency-key-reused', { detail });
  }
  const { aggregate, id, field } = request.params;
  const { version } = taken;
  response
    .status(201)
    .location(`/api/${aggregate}/${id}/texts/${field}/versions/${version.id}`)
    .json(toItem(version));
}

function sendRestored(response: Response, restored: RestoreResult): void {
  switch (restored.outcome) {
    case 'missing':
      return sendNoVersion(response);
    case 'invalid':
      return sendProblem(response, 'invalid-text', { detail: restored.detail });
    case 'unavailable':
      return sendProblem(response, 'unavailable', { detail: restored.detail });
    case 'edited':
    case 'unchanged': {
      const { outcome, before, revision } = restored;
      response.json({ outcome, before, revision: revision?.toString() ?? null });
    }
  }
}
