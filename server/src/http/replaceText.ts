import { userOf } from './identifyUser.ts';
import { sendProblem } from './problem.ts';
import { mediaTypeOf, readBytesBody } from './readBody.ts';
import { YJS_UPDATE } from './sendText.ts';
import { EPOCH_HEADER, takesHeaders, type TextExchange, type TextRoutesOptions } from './textExchange.ts';
import { readTextMatch, toTextTag } from './textTags.ts';

/** Replaces a text by what was exported of one, and answers what it is now. */
export async function replaceText(options: TextRoutesOptions, exchange: TextExchange): Promise<void> {
  const { request, response, at } = exchange;
  if (mediaTypeOf(request) !== YJS_UPDATE) {
    return sendProblem(response, 'unsupported-media-type', { detail: `send ${YJS_UPDATE}` });
  }
  const state = readBytesBody(request);
  if (state.byteLength === 0) {
    return sendProblem(response, 'malformed-request', { detail: 'the body is empty; DELETE erases a text' });
  }
  if (!(await beginEpoch(options, exchange, state))) return;
  const { length, revision, epoch } = await options.rooms.read(at);
  response.set({ ETag: toTextTag(revision), [EPOCH_HEADER]: epoch });
  response.json({ outcome: 'replaced', length, revision: revision?.toString() ?? null, epoch });
}

/** Erases a text. */
export async function eraseText(options: TextRoutesOptions, exchange: TextExchange): Promise<void> {
  if (await beginEpoch(options, exchange, undefined)) exchange.response.status(204).end();
}

/** Whether it began; where it did not, the request is answered. */
async function beginEpoch(
  { rooms }: TextRoutesOptions,
  exchange: TextExchange,
  state: Uint8Array | undefined,
): Promise<boolean> {
  const { response, at } = exchange;
  if (!takesHeaders(exchange) || !(await matches(rooms, exchange))) return false;
  const begun = await rooms.beginEpoch(at, { user: userOf(response), state });
  if (begun.outcome === 'begun') {
    response.set(EPOCH_HEADER, begun.epoch);
    return true;
  }
  const code = begun.outcome === 'malformed' ? 'invalid-text' : 'unavailable';
  sendProblem(response, code, { detail: begun.detail });
  return false;
}

/** Whether the text is what `If-Match` says, where there is one; where it is not, the request is answered. */
async function matches(
  rooms: TextRoutesOptions['rooms'],
  { request, response, at }: TextExchange,
): Promise<boolean> {
  if (request.get('Idempotency-Key') !== undefined) {
    const detail = 'this takes no idempotency key; with If-Match it is done once';
    sendProblem(response, 'malformed-request', { detail });
    return false;
  }
  const match = readTextMatch(request);
  if (match.match === 'unreadable') {
    sendProblem(response, match.code, { detail: match.detail });
    return false;
  }
  if (match.match !== 'revision') return true;
  const { revision } = await rooms.read(at);
  if (revision === match.revision) return true;
  response.set('ETag', toTextTag(revision));
  sendProblem(response, 'precondition-failed', { detail: 'the text was changed; nothing was done to it' });
  return false;
}
