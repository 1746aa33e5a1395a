import { hash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Json } from '../event-store/eventStore.ts';

/** A strong entity tag of whatever tells two answers apart. */
export function toEntityTag(identity: Json): string {
  return `"${hash('sha256', JSON.stringify(identity), 'base64url')}"`;
}

/**
 * Sets an answer's `ETag`, and where the client has that answer already (`If-None-Match`), ends it with 304.
 *
 * @returns whether it was ended.
 */
export function sendIfNotModified(request: Request, response: Response, etag: string): boolean {
  response.set('ETag', etag);
  const isKnown = matchesEntityTag(request.get('If-None-Match'), etag);
  if (isKnown) response.status(304).end();
  return isKnown;
}

// Between the quotes is anything but spaces, quotes and controls (RFC 9110, 8.8.3): also commas.
const ENTITY_TAG = /"[!#-~\u0080-\u00ff]*"/g;

/** `If-None-Match` compares weakly: `W/` makes no difference (RFC 9110, 13.1.2). */
function matchesEntityTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.match(ENTITY_TAG)?.includes(etag) === true;
}
