import { idempotencyKeySchema, isPlainObject, type PlainObject } from '@weft/client/protocol';
import type { Request, Response } from 'express';
import type { Json } from '../event-store/eventStore.ts';
import type { EditBase, SpanEdit, TextEdit, TextEditResult } from '../text/edits/textEdit.ts';
import { userOf } from './identifyUser.ts';
import { sendProblem } from './problem.ts';
import { type Body, mediaTypeOf, readTextBody } from './readBody.ts';
import { readJsonBody } from './readJsonBody.ts';
import {
  EPOCH_HEADER,
  findText,
  takesHeaders,
  type TextExchange,
  type TextRoutesOptions,
} from './textExchange.ts';
import { readTextMatch, toTextTag } from './textTags.ts';

/** Edits a text as the request says, and answers what it is now. */
export async function patchText(options: TextRoutesOptions, exchange: TextExchange): Promise<void> {
  const { request, response, at } = exchange;
  if (!takesHeaders(exchange)) return;
  const base = await readBase(options, exchange);
  if (!base) return;
  const idempotencyKey = request.get('Idempotency-Key');
  if (idempotencyKey !== undefined && !idempotencyKeySchema.safeParse(idempotencyKey).success) {
    const detail = 'an idempotency key has 1 to 128 printable ASCII characters';
    return sendProblem(response, 'malformed-request', { detail });
  }
  const edit = readEdit(request);
  if (!edit.ok) return sendProblem(response, edit.code, { detail: edit.detail });
  const by = { base: base.of, user: userOf(response), idempotencyKey };
  const result = await options.rooms.edit(at, edit.value, by);
  // It may have been deleted while the edit was on its way in.
  if (await findText(options, at, response)) await sendEdited(options, exchange, { result, base: base.of });
}

/** Undefined where the request names none that can be had; then it is answered. */
async function readBase(
  { rooms }: TextRoutesOptions,
  { request, response, at }: TextExchange,
): Promise<{ readonly of: EditBase } | undefined> {
  const match = readTextMatch(request);
  switch (match.match) {
    case 'revision':
      return { of: match.revision };
    case 'any':
      return { of: 'newest' };
    case 'absent': {
      const detail = 'say by If-Match which version of the text the edit is made from; * is that of now';
      sendProblem(response, 'precondition-required', { detail });
      return undefined;
    }
    case 'unreadable':
      if (match.code === 'precondition-failed') describe(response, await rooms.read(at));
      sendProblem(response, match.code, { detail: match.detail });
      return undefined;
  }
}

function readEdit(request: Request): Body<TextEdit> {
  const type = mediaTypeOf(request);
  if (type === 'text/plain') {
    const text = readTextBody(request);
    return text.ok ? { ok: true, value: { kind: 'text', text: text.value } } : text;
  }
  if (type !== 'application/json') {
    return { ok: false, code: 'unsupported-media-type', detail: 'send text/plain or application/json' };
  }
  const body = readJsonBody(request, ['application/json']);
  return body.ok ? toEdit(body.value) : body;
}

function toEdit({ edits, content, ...unknown }: PlainObject): Body<TextEdit> {
  const isOne = (edits === undefined) !== (content === undefined);
  if (!isOne || Object.keys(unknown).length > 0) {
    return {
      ok: false,
      code: 'malformed-request',
      detail: 'the body has edits or content, and nothing else',
    };
  }
  // It was parsed from JSON.
  if (content !== undefined) return { ok: true, value: { kind: 'content', content: content as Json } };
  if (!Array.isArray(edits)) return invalid('edits is a list');
  const fault = edits.findIndex((edit) => !isSpanEdit(edit));
  if (fault !== -1) {
    return invalid(`edits[${fault}] has at, a number, and may have delete, a number, and insert, a string`);
  }
  return { ok: true, value: { kind: 'edits', edits: edits as SpanEdit[] } };
}

function invalid(detail: string): Body<TextEdit> {
  return { ok: false, code: 'invalid-text', detail };
}

/** Whether it has the shape of one; whether it fits the text is seen when it is made. */
function isSpanEdit(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const { at, delete: deleted = 0, insert = '', ...unknown } = value;
  const isShaped = typeof at === 'number' && typeof deleted === 'number' && typeof insert === 'string';
  return isShaped && Object.keys(unknown).length === 0;
}

type Edited = { readonly result: TextEditResult; readonly base: EditBase };

async function sendEdited(
  { rooms }: TextRoutesOptions,
  { response, at }: TextExchange,
  { result, base }: Edited,
): Promise<void> {
  if (result.outcome === 'invalid') return sendProblem(response, 'invalid-text', { detail: result.detail });
  if (result.outcome === 'unavailable')
    return sendProblem(response, 'unavailable', { detail: result.detail });
  const now = await rooms.read(at);
  describe(response, now);
  if (result.outcome === 'forgotten') {
    const detail = 'the version that the edit is made from is not kept any more; read the text again';
    return sendProblem(response, 'precondition-failed', { detail });
  }
  const { outcome, revision } = result;
  const isOther = outcome === 'edited' ? result.merged : base !== 'newest' && base !== revision;
  const merged = isOther || now.revision !== revision;
  response.json({ outcome, merged, length: now.length, revision: now.revision?.toString() ?? null });
}

function describe(
  response: Response,
  { revision, epoch }: Awaited<ReturnType<TextRoutesOptions['rooms']['read']>>,
): void {
  response.set('ETag', toTextTag(revision));
  response.set(EPOCH_HEADER, epoch);
}
