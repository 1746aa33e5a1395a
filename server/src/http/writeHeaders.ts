import { type ConsistencyToken, consistencyTokenSchema, idempotencyKeySchema } from '@weft/client/protocol';
import type { Request } from 'express';

/** What the headers and query of a write ask for. */
export type WriteOptions = {
  readonly token: ConsistencyToken | undefined;
  /** Whether the token came in `If-Match`, which anything newer fails. */
  readonly exact: boolean;
  readonly idempotencyKey: string | undefined;
  readonly handling: 'strict' | 'lenient';
  readonly dryRun: boolean;
};

export type ReadWriteOptions =
  | { readonly ok: true; readonly options: WriteOptions }
  | {
      readonly ok: false;
      readonly code: 'malformed-token' | 'malformed-request' | 'precondition-failed';
      readonly detail: string;
    };

/** Reads `Consistency-Token`, `If-Match`, `Idempotency-Key`, `Prefer` and `?dry-run`. */
export function readWriteOptions(request: Request): ReadWriteOptions {
  const guard = readGuard(request);
  if (!guard.ok) return guard;
  const key = request.get('Idempotency-Key');
  if (key !== undefined && !idempotencyKeySchema.safeParse(key).success) {
    return refuse('malformed-request', 'an idempotency key has 1 to 128 printable ASCII characters');
  }
  const { 'dry-run': dryRun, ...unknown } = request.query;
  if (Object.keys(unknown).length > 0 || (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false')) {
    return refuse('malformed-request', 'the only query parameter is dry-run, true or false');
  }
  const lenient = /(^|[,;\s])handling\s*=\s*"?lenient"?\s*($|[,;])/i.test(request.get('Prefer') ?? '');
  return {
    ok: true,
    options: {
      ...guard,
      idempotencyKey: key,
      handling: lenient ? 'lenient' : 'strict',
      dryRun: dryRun === 'true',
    },
  };
}

type Guard =
  | { readonly ok: true; readonly token: ConsistencyToken | undefined; readonly exact: boolean }
  | Extract<ReadWriteOptions, { ok: false }>;

function readGuard(request: Request): Guard {
  const ifMatch = request.get('If-Match');
  if (ifMatch !== undefined) return readIfMatch(ifMatch.trim());
  const given = request.get('Consistency-Token');
  if (given === undefined) return { ok: true, token: undefined, exact: false };
  const token = consistencyTokenSchema.safeParse(given);
  if (!token.success) return refuse('malformed-token', 'the consistency token is malformed');
  return { ok: true, token: token.data, exact: false };
}

function readIfMatch(header: string): Guard {
  if (header === '*') return { ok: true, token: undefined, exact: true };
  if (header.startsWith('W/')) {
    return refuse('precondition-failed', 'If-Match compares strongly (RFC 9110), and this tag is weak');
  }
  const token = consistencyTokenSchema.safeParse(/^"([^"]*)"$/.exec(header)?.[1]);
  if (!token.success) return refuse('malformed-token', 'If-Match takes one entity tag, as a read gave it');
  return { ok: true, token: token.data, exact: true };
}

function refuse<Code extends Extract<ReadWriteOptions, { ok: false }>['code']>(code: Code, detail: string) {
  return { ok: false, code, detail } as const;
}
