import type { Request } from 'express';
import type { TextStamp } from '../text/textReader.ts';

/** The revision that an entity tag of a text is of; undefined of a text that nobody touched. */
export type MatchedRevision = TextStamp['revision'];

export type TextMatch =
  | { readonly match: 'absent' | 'any' }
  | { readonly match: 'revision'; readonly revision: MatchedRevision }
  | {
      readonly match: 'unreadable';
      readonly code: 'precondition-failed' | 'malformed-request';
      readonly detail: string;
    };

/**
 * The entity tag of a text, in one of its forms: each has its own, and all of them say of which revision it is.
 * Revisions go on where a text is erased or replaced, so none is ever that of another text.
 */
export function toTextTag(revision: MatchedRevision, form?: string): string {
  return `"${revision ?? 'empty'}${form === undefined ? '' : `.${form}`}"`;
}

const TEXT_TAG = /^"(empty|\d{1,20})(?:\.[\w-]+)?"$/;

/** What the `If-Match` of a write to a text asks for. */
export function readTextMatch(request: Request): TextMatch {
  const header = request.get('If-Match')?.trim();
  if (header === undefined) return { match: 'absent' };
  if (header === '*') return { match: 'any' };
  if (header.startsWith('W/')) {
    const detail = 'a weak tag (W/) matches nothing: If-Match compares strongly (RFC 9110)';
    return { match: 'unreadable', code: 'precondition-failed', detail };
  }
  const named = TEXT_TAG.exec(header)?.[1];
  if (named === undefined) {
    const detail = 'If-Match takes one entity tag, as a read of the text gave it';
    return { match: 'unreadable', code: 'malformed-request', detail };
  }
  return { match: 'revision', revision: named === 'empty' ? undefined : BigInt(named) };
}
