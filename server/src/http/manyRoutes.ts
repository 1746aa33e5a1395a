import { isAggregateId } from '@weft/client/protocol';
import { type Request, Router } from 'express';
import type { AggregateAddress } from '../aggregates/aggregateRef.ts';
import type { AggregateReader, AggregateView } from '../aggregates/aggregateReader.ts';
import { awaitAtLeast, type ReadServices } from './awaitAtLeast.ts';
import { sendIfNotModified, toEntityTag } from './entityTag.ts';
import { sendProblem } from './problem.ts';
import { refuseOtherMethods } from './refuseOtherMethods.ts';

const MAX_AGGREGATES = 100;

/** Reading several aggregates at once, at `/api`. */
export function createManyRoutes(services: ReadServices): Router {
  const router = Router();
  router
    .route('/')
    .get(async (request, response) => {
      const asked = readAddresses(request.query);
      if (!asked.ok) return sendProblem(response, 'malformed-request', { detail: asked.detail });
      if ((await awaitAtLeast(services, { request, response })) === 'answered') return;
      const items = await Promise.all(asked.addresses.map((at) => readItem(services.reader, at)));
      const unknown = items.find(({ view }) => view.status === 'unknown-aggregate');
      if (unknown) {
        const detail = `there is no such aggregate type as '${unknown.aggregate}'`;
        return sendProblem(response, 'unknown-aggregate', { detail });
      }
      const answers = items.map(toAnswer);
      const etag = toEntityTag(
        answers.map(({ type, id, status, token = null }) => [type, id, status, token]),
      );
      if (sendIfNotModified(request, response, etag)) return;
      response.json({ items: answers });
    })
    .all(refuseOtherMethods('GET, HEAD'));
  return router;
}

type Item = AggregateAddress & { readonly view: AggregateView };

async function readItem(reader: AggregateReader, at: AggregateAddress): Promise<Item> {
  return { ...at, view: await reader.read(at.aggregate, at.id) };
}

function toAnswer({ aggregate: type, id, view }: Item) {
  if (view.status !== 'existing') return { type, id, status: view.status };
  const { status, fields, token } = view;
  return { type, id, status, fields, token };
}

type Addresses =
  | { readonly ok: true; readonly addresses: readonly AggregateAddress[] }
  | { readonly ok: false; readonly detail: string };

function readAddresses(query: Request['query']): Addresses {
  const { of = [], ...unknown } = query;
  const entries = Array.isArray(of) ? of : [of];
  if (Object.keys(unknown).length > 0 || entries.length === 0 || entries.length > MAX_AGGREGATES) {
    const detail = `the only query parameter is of=<type>/<id>, given 1 to ${MAX_AGGREGATES} times`;
    return { ok: false, detail };
  }
  const addresses = entries.map(readAddress);
  const valid = addresses.filter((address) => address !== undefined);
  if (valid.length < addresses.length) {
    const place = addresses.indexOf(undefined) + 1;
    return { ok: false, detail: `of is <type>/<id>, such as note/n1; number ${place} is not` };
  }
  return { ok: true, addresses: valid };
}

function readAddress(entry: unknown): AggregateAddress | undefined {
  if (typeof entry !== 'string') return undefined;
  const [aggregate, id, ...more] = entry.split('/');
  if (!aggregate || id === undefined || !isAggregateId(id) || more.length > 0) return undefined;
  return { aggregate, id };
}
