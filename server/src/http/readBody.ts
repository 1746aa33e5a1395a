import type { Request } from 'express';
import type { ProblemCode } from './problem.ts';

/** A body that is not taken. */
export type BodyFault = { readonly ok: false; readonly code: ProblemCode; readonly detail: string };

export type Body<Value> = { readonly ok: true; readonly value: Value } | BodyFault;

/** The media type of a body, without its parameters; empty where the request names none. */
export function mediaTypeOf(request: Request): string {
  return toMediaType(request.headers['content-type']).type;
}

/** Reads a body that was collected as bytes and must be UTF-8. A byte order mark is part of it. */
export function readTextBody(request: Request): Body<string> {
  const { charsets } = toMediaType(request.headers['content-type']);
  if (charsets.some((charset) => charset !== 'utf-8')) {
    return { ok: false, code: 'unsupported-media-type', detail: 'send UTF-8' };
  }
  const text = decodeUtf8(readBytesBody(request));
  return text === undefined
    ? { ok: false, code: 'malformed-request', detail: 'the body is not UTF-8' }
    : { ok: true, value: text };
}

/** A body as it was collected; no bytes where the request has none. */
export function readBytesBody({ body }: Request): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}

function toMediaType(header: string | undefined): { type: string; charsets: readonly string[] } {
  const [type = '', ...parameters] = (header ?? '').toLowerCase().split(';');
  const charsets = parameters
    .map((part) => part.trim())
    .filter((part) => part.startsWith('charset='))
    .map((part) => part.slice('charset='.length).replaceAll('"', ''));
  return { type: type.trim(), charsets };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    // The decoder throws on bytes that are no UTF-8, which is an expected outcome here.
    return undefined;
  }
}
