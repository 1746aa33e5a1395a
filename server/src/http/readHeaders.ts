import type { ConsistencyToken } from '@weft/client/protocol';
import type { Request } from 'express';
import { readPreferences } from './preferences.ts';
import { MAX_WAIT_SECONDS } from './requestWaits.ts';
import { readTokens, type Unreadable } from './writeHeaders.ts';

/** What the headers of a read ask for. */
export type ReadOptions = {
  /** The answer is to be at least as new as these states. */
  readonly atLeast: readonly ConsistencyToken[];
  /** How long to wait for them. */
  readonly waitSeconds: number;
  /** Whether the client said how long. */
  readonly isWaitPreferred: boolean;
};

const DEFAULT_WAIT_SECONDS = 2;

/** Reads `At-Least` and `Prefer: wait`. */
export function readReadOptions(
  request: Request,
): { readonly ok: true; readonly options: ReadOptions } | Unreadable {
  const read = readTokens(request.get('At-Least'));
  if (!read.ok) return read;
  const { wait } = readPreferences(request);
  const waitSeconds = Math.min(wait ?? DEFAULT_WAIT_SECONDS, MAX_WAIT_SECONDS);
  return { ok: true, options: { atLeast: read.tokens, waitSeconds, isWaitPreferred: wait !== undefined } };
}
