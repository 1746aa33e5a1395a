import { isPlainObject, type PlainObject } from '@weft/client/protocol';
import type { Request } from 'express';
import { parseJson } from '../lifecycle/parseJson.ts';
import type { ProblemCode } from './problem.ts';

export type JsonBody =
  | { readonly ok: true; readonly value: PlainObject }
  | { readonly ok: false; readonly code: ProblemCode; readonly detail: string };

/** Reads a body that was collected as bytes and must be a JSON object in UTF-8, of one of the media types. */
export function readJsonBody(request: Request, mediaTypes: readonly string[]): JsonBody {
  const { type, charsets } = toMediaType(request.headers['content-type']);
  if (!mediaTypes.includes(type)) {
    return { ok: false, code: 'unsupported-media-type', detail: `send ${mediaTypes.join(' or ')}` };
  }
  if (charsets.some((charset) => charset !== 'utf-8')) {
    return { ok: false, code: 'unsupported-media-type', detail: 'send UTF-8' };
  }
  const text = decodeUtf8(request.body);
  if (text === undefined) return malformed('the body is not UTF-8');
  const parsed = parseJson(text);
  if (!parsed.ok) return malformed(`the body is not accepted as JSON: ${parsed.error}`);
  return isPlainObject(parsed.value)
    ? { ok: true, value: parsed.value }
    : malformed('the body is not a JSON object');
}

function malformed(detail: string): JsonBody {
  return { ok: false, code: 'malformed-request', detail };
}

function toMediaType(header: string | undefined): { type: string; charsets: readonly string[] } {
  const [type = '', ...parameters] = (header ?? '').toLowerCase().split(';');
  const charsets = parameters
    .map((part) => part.trim())
    .filter((part) => part.startsWith('charset='))
    .map((part) => part.slice('charset='.length).replaceAll('"', ''));
  return { type: type.trim(), charsets };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(body: unknown): string | undefined {
  if (!(body instanceof Uint8Array)) return '';
  try {
    return utf8.decode(body);
  } catch {
    // The decoder throws on bytes that are no UTF-8, which is an expected outcome here.
    return undefined;
  }
}
