import canonicalize from 'canonicalize';
import { isEqual } from '../protocol/isEqual.ts';

/**
 * The value of the header `Fields-Match`: the names of these fields, and the SHA-256 of their values as canonical JSON
 * (RFC 8785). With it a write over HTTP is applied only while the server has just these values, and no token is needed:
 *
 * ```ts
 * const { title, status } = note;
 * await fetch('/api/note/n1', {
 *   method: 'PATCH',
 *   headers: {
 *     'content-type': 'application/merge-patch+json',
 *     'fields-match': await toFieldsMatch({ title, status }),
 *   },
 *   body: JSON.stringify({ status: 'done' }),
 * });
 * ```
 *
 * Needs `crypto.subtle`, which browsers have on pages that came by https or from localhost.
 *
 * The promise rejects with a TypeError where there are no fields, or where a value is not JSON.
 */
export async function toFieldsMatch(fields: Readonly<Record<string, unknown>>): Promise<string> {
  const names = Object.keys(fields);
  if (names.length === 0) throw new TypeError('there are no fields to match');
  const bytes = new TextEncoder().encode(toCanonicalJson(fields));
  const hash = await crypto.subtle.digest('SHA-256', bytes);
  return `${names.join(', ')}; sha-256=:${btoa(String.fromCharCode(...new Uint8Array(hash)))}:`;
}

function toCanonicalJson(fields: Readonly<Record<string, unknown>>): string {
  // What JSON leaves out or turns into something else would match values that nobody saw.
  if (!isEqual(JSON.parse(JSON.stringify(fields)), fields)) throw new TypeError('the values are not JSON');
  return canonicalize(fields) ?? '';
}
