import { EventStoreError, type EventStoreErrorCode } from '../eventStoreError.ts';

/** The primary result codes of SQLite that mean something of their own here. */
export const SQLITE = {
  error: 1,
  permission: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** The primary result code of what `node:sqlite` threw; `undefined` for any other error. */
export function toResultCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

const CODES_IN_USE = new Map<number | undefined, EventStoreErrorCode>([
  [SQLITE.corrupt, 'corrupt'],
  [SQLITE.notADatabase, 'corrupt'],
  [SQLITE.permission, 'unwritable'],
  [SQLITE.readOnly, 'unwritable'],
]);

/** What went wrong in an open store: a passing fault (a full disk, say), unless it is known to be none. */
export function toRunningError(error: unknown, path: string): EventStoreError {
  if (error instanceof EventStoreError) return error;
  const reason = toReason(error);
  const code = CODES_IN_USE.get(toResultCode(error)) ?? 'unavailable';
  return new EventStoreError(code, `the event store ${path} failed: ${reason}`, { cause: error });
}

/** An error's message, on one line. */
export function toReason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
}
