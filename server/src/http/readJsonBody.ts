import { isPlainObject, type PlainObject } from '@weft/client/protocol';
import type { Request } from 'express';
import { parseJson } from '../lifecycle/parseJson.ts';
import { type Body, mediaTypeOf, readTextBody } from './readBody.ts';

const BYTE_ORDER_MARK = '\ufeff';

/** Reads a body that was collected as bytes and must be a JSON object in UTF-8, of one of the media types. */
export function readJsonBody(request: Request, mediaTypes: readonly string[]): Body<PlainObject> {
  if (!mediaTypes.includes(mediaTypeOf(request))) {
    return { ok: false, code: 'unsupported-media-type', detail: `send ${mediaTypes.join(' or ')}` };
  }
  const text = readTextBody(request);
  if (!text.ok) return text;
  // JSON does not have it, and whoever reads JSON may pass over it (RFC 8259, 8.1).
  const { value } = text;
  const parsed = parseJson(value.startsWith(BYTE_ORDER_MARK) ? value.slice(1) : value);
  if (!parsed.ok) return malformed(`the body is not accepted as JSON: ${parsed.error}`);
  return isPlainObject(parsed.value)
    ? { ok: true, value: parsed.value }
    : malformed('the body is not a JSON object');
}

function malformed(detail: string): Body<PlainObject> {
  return { ok: false, code: 'malformed-request', detail };
}
