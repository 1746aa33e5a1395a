import { type ConsistencyToken, consistencyTokenSchema, idempotencyKeySchema } from '@weft/client/protocol';
import type { Request } from 'express';
import type { FieldsMatch } from '../commands/commandRequest.ts';
import { type Preferences, readPreferences } from './preferences.ts';

/** What the headers and query of a write ask for. */
export type WriteOptions = Pick<Preferences, 'handling' | 'respondAsync' | 'wait'> & {
  /** Of this aggregate and, where the write depends on them, of others. */
  readonly tokens: readonly ConsistencyToken[];
  /** What `If-Match` asks for; undefined where it is absent. Anything newer fails it. */
  readonly match: ConsistencyToken | '*' | undefined;
  readonly fieldsMatch: FieldsMatch | undefined;
  readonly idempotencyKey: string | undefined;
  readonly dryRun: boolean;
};

export type Unreadable = {
  readonly ok: false;
  readonly code: 'malformed-token' | 'malformed-request' | 'precondition-failed';
  readonly detail: string;
};

export type ReadWriteOptions = { readonly ok: true; readonly options: WriteOptions } | Unreadable;

/** Tokens that one request may carry. */
const MAX_TOKENS = 16;

/** Reads `Consistency-Token`, `If-Match`, `Fields-Match`, `Idempotency-Key`, `Prefer` and `?dry-run`. */
export function readWriteOptions(request: Request): ReadWriteOptions {
  const guard = readGuard(request);
  if (!guard.ok) return guard;
  const matched = readFieldsMatch(request.get('Fields-Match'));
  if (!matched.ok) return matched;
  const idempotencyKey = request.get('Idempotency-Key');
  if (idempotencyKey !== undefined && !idempotencyKeySchema.safeParse(idempotencyKey).success) {
    return refuse('malformed-request', 'an idempotency key has 1 to 128 printable ASCII characters');
  }
  const { 'dry-run': dryRun, ...unknown } = request.query;
  if (Object.keys(unknown).length > 0 || (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false')) {
    return refuse('malformed-request', 'the only query parameter is dry-run, true or false');
  }
  const { handling, respondAsync, wait } = readPreferences(request);
  const { tokens, match } = guard;
  const { fieldsMatch } = matched;
  return {
    ok: true,
    options: {
      tokens,
      match,
      fieldsMatch,
      idempotencyKey,
      handling,
      respondAsync,
      wait,
      dryRun: dryRun === 'true',
    },
  };
}

type Guard = ({ readonly ok: true } & Pick<WriteOptions, 'tokens' | 'match'>) | Unreadable;

function readGuard(request: Request): Guard {
  const read = readTokens(request.get('Consistency-Token'));
  if (!read.ok) return read;
  const ifMatch = request.get('If-Match')?.trim();
  if (ifMatch === undefined || ifMatch === '*') return { ...read, match: ifMatch };
  if (ifMatch.startsWith('W/')) {
    return refuse('precondition-failed', 'If-Match compares strongly (RFC 9110), and this tag is weak');
  }
  const match = consistencyTokenSchema.safeParse(/^"([^"]*)"$/.exec(ifMatch)?.[1]);
  if (match.success) return { ...read, match: match.data };
  return refuse('malformed-token', 'If-Match takes one entity tag, as a read gave it');
}

type Tokens = { readonly ok: true; readonly tokens: readonly ConsistencyToken[] } | Unreadable;

/** Reads a list of tokens, separated by commas; an absent header is an empty one. */
export function readTokens(header: string | undefined): Tokens {
  if (header === undefined) return { ok: true, tokens: [] };
  const given = header.split(',', MAX_TOKENS + 1).map((token) => token.trim());
  if (given.length > MAX_TOKENS) {
    return refuse('malformed-request', `no more than ${MAX_TOKENS} consistency tokens are read`);
  }
  const tokens = given.map((token) => consistencyTokenSchema.safeParse(token).data);
  const valid = tokens.filter((token) => token !== undefined);
  if (valid.length < tokens.length) return refuse('malformed-token', 'the consistency token is malformed');
  return { ok: true, tokens: valid };
}

// Fields, and at the end the hash of their values: `title, status; sha-256=:<base64>:`.
const FIELDS_MATCH =
  /^\s*([a-z][A-Za-z0-9]*(?:\s*,\s*[a-z][A-Za-z0-9]*)*)\s*;\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*$/;

type FieldsMatchHeader = { readonly ok: true; readonly fieldsMatch: FieldsMatch | undefined } | Unreadable;

function readFieldsMatch(header: string | undefined): FieldsMatchHeader {
  if (header === undefined) return { ok: true, fieldsMatch: undefined };
  const [, fields, sha256] = FIELDS_MATCH.exec(header) ?? [];
  if (fields === undefined || sha256 === undefined) {
    return refuse('malformed-request', 'Fields-Match is like `title, status; sha-256=:<base64>:`');
  }
  const names = fields.split(',').map((field) => field.trim());
  return { ok: true, fieldsMatch: { fields: [...new Set(names)], sha256 } };
}

function refuse(code: Unreadable['code'], detail: string): Unreadable {
  return { ok: false, code, detail };
}
