import type { Response } from 'express';
import type { TextStamp } from '../text/textReader.ts';
import { userOf } from './identifyUser.ts';
import { sendProblem } from './problem.ts';
import { mediaTypeOf, readBytesBody } from './readBody.ts';
import { YJS_UPDATE } from './sendText.ts';
import { EPOCH_HEADER, takesHeaders, type TextExchange, type TextRoutesOptions } from './textExchange.ts';
import { readTextMatch, toTextTag } from './textTags.ts';

type TextRevision = Pick<TextStamp, 'revision'>;

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
  if (!takesHeaders(exchange)) return false;
  const expected = readExpected(exchange);
  if (expected === 'refused' || !(await isAt(rooms, exchange, expected))) return false;
  const begun = await rooms.beginEpoch(at, { user: userOf(response), state, expected });
  if (begun.outcome === 'begun') {
    response.set(EPOCH_HEADER, begun.epoch);
    return true;
  }
  if (begun.outcome === 'changed') {
    sendChanged(response, begun, expected);
    return false;
  }
  const code = begun.outcome === 'malformed' ? 'invalid-text' : 'unavailable';
  sendProblem(response, code, { detail: begun.detail });
  return false;
}

/** What `If-Match` says of the text, where there is one; where it cannot be, the request is answered. */
function readExpected({ request, response }: TextExchange): TextRevision | undefined | 'refused' {
  if (request.get('Idempotency-Key') !== undefined) {
    const detail = 'this takes no idempotency key; with If-Match it is done once';
    sendProblem(response, 'malformed-request', { detail });
    return 'refused';
  }
  const match = readTextMatch(request);
  if (match.match === 'unreadable') {
    sendProblem(response, match.code, { detail: match.detail });
    return 'refused';
  }
  return match.match === 'revision' ? { revision: match.revision } : undefined;
}

/** Whether the text is what is expected before a state is looked at; where it is not, the request is answered. */
async function isAt(
  rooms: TextRoutesOptions['rooms'],
  { response, at }: TextExchange,
  expected: TextRevision | undefined,
): Promise<boolean> {
  if (!expected) return true;
  const { revision } = await rooms.read(at);
  if (revision === expected.revision) return true;
  sendChanged(response, { revision }, expected);
  return false;
}

function sendChanged(
  response: Response,
  { revision }: TextRevision,
  expected: TextRevision | undefined,
): void {
  // What is not stored yet has no tag.
  if (revision !== expected?.revision) response.set('ETag', toTextTag(revision));
  sendProblem(response, 'precondition-failed', { detail: 'the text was changed; nothing was done to it' });
}
