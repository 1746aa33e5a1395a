import { EventStoreError, type EventStoreErrorCode } from '../eventStoreError.ts';

/** The primary result codes of SQLite that mean something of their own here. */
const RESULT = {
  error: 1,
  permission: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  corrupt: 11,
  notADatabase: 26,
} as const;

const ADVICE: Record<EventStoreErrorCode, string> = {
  'in-use': 'another process, or another store of this one, has it open: stop that, or choose another file',
  corrupt:
    'nothing was changed: restore it from a backup, together with its -wal file (the newest events may be in there, ' +
    'and where the backup has none, there must be none), or choose another file',
  'not-a-store': 'nothing was changed: choose another file',
  unwritable: 'choose a file that can be written',
  unavailable: 'try again later',
  closed: 'open it again',
};

/** Why a file is not opened, and what to do about it. */
export function toRefusal(code: EventStoreErrorCode, path: string, reason: string): EventStoreError {
  return new EventStoreError(code, `cannot open the event store ${path}: ${reason}; ${ADVICE[code]}`);
}

const CODES_AT_OPENING = new Map<number | undefined, EventStoreErrorCode>([
  [RESULT.busy, 'in-use'],
  [RESULT.locked, 'in-use'],
  [RESULT.corrupt, 'corrupt'],
  [RESULT.notADatabase, 'corrupt'],
  // A table that is not there, say.
  [RESULT.error, 'corrupt'],
]);

/** Why a file could not be opened; `undefined` where neither SQLite nor the file system said so, but a fault of ours. */
export function toOpeningError(error: unknown, path: string): EventStoreError | undefined {
  if (error instanceof EventStoreError) return error;
  if (!(error instanceof Error && 'code' in error)) return undefined;
  return toRefusal(CODES_AT_OPENING.get(toResultCode(error)) ?? 'unwritable', path, toReason(error));
}

const CODES_WHEN_OPEN = new Map<number | undefined, EventStoreErrorCode>([
  [RESULT.corrupt, 'corrupt'],
  [RESULT.notADatabase, 'corrupt'],
  [RESULT.permission, 'unwritable'],
  [RESULT.readOnly, 'unwritable'],
]);

/** What went wrong in an open store: a passing fault (a full disk, say), unless it is known to be none. */
export function toRunningError(error: unknown, path: string): EventStoreError {
  const code = CODES_WHEN_OPEN.get(toResultCode(error)) ?? 'unavailable';
  return new EventStoreError(code, `the event store ${path} failed: ${toReason(error)}`);
}

export function isNotADatabase(error: unknown): boolean {
  return toResultCode(error) === RESULT.notADatabase;
}

/** An error's message, on one line. */
export function toReason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
}

/** The primary result code of what `node:sqlite` threw. */
function toResultCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}
