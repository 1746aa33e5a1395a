import { mkdirSync, rmSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { EventStoreError, type EventStoreErrorCode } from '../eventStoreError.ts';
import { APPLICATION_ID, FORMAT, SCHEMA } from './schema.ts';
import { SQLITE, toReason, toResultCode } from './sqliteErrors.ts';

/**
 * Opens the file of an event store for this connection alone, or creates it with its folders. Throws
 * `EventStoreError`, and then has changed nothing in a file that was there.
 *
 * Nothing here opens the file but SQLite: POSIX drops all locks of a process on a file as soon as the process closes
 * any descriptor of it, so a mere look by `node:fs` would unlock the file under another store of this process.
 */
export function openDatabase(path: string): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (hasContent(path)) {
      checkOwner(path);
      checkLeftOver(path);
    }
    return openExclusively(path);
  } catch (error) {
    throw error instanceof EventStoreError ? error : toOpeningError(error, path);
  }
}

function hasContent(path: string): boolean {
  const stats: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) throw refuse('not-a-store', path, 'it is no regular file');
  return stats !== undefined && stats.size > 0;
}

/** Reads the header as it is on disk: `immutable` neither locks nor recovers what may be somebody else's. */
function checkOwner(path: string): void {
  const url = pathToFileURL(path);
  url.search = '?mode=ro&immutable=1';
  let header: { readonly owner: number; readonly format: number };
  try {
    header = withDatabase(new DatabaseSync(url, { readOnly: true }), (database) => ({
      owner: Number(readPragma(database, 'application_id')),
      format: Number(readPragma(database, 'user_version')),
    }));
  } catch (error) {
    if (toResultCode(error) === SQLITE.notADatabase)
      throw refuse('not-a-store', path, 'it is no SQLite file');
    throw error;
  }
  if (header.owner !== APPLICATION_ID) throw refuse('not-a-store', path, 'it belongs to another application');
  if (header.format !== FORMAT) {
    throw refuse('not-a-store', path, `its format is ${header.format}, and this version reads ${FORMAT}`);
  }
}

/**
 * After a crash the newest events are in the log beside the file, and closing a connection that may write moves them
 * into the file. So a connection that may not looks first whether the two are sound.
 */
function checkLeftOver(path: string): void {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (!log?.size) return;
  try {
    withDatabase(new DatabaseSync(path, { readOnly: true }), (database) => checkIntegrity(database, path));
  } finally {
    // The index of the log, made for this look. Connections that lock the file for themselves need none.
    rmSync(`${path}-shm`, { force: true });
  }
}

function openExclusively(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readBigInts: true });
  try {
    // The first access takes the lock, and it is held until the connection is closed.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL;');
    if (readPragma(database, 'page_count') === 0n) {
      // Before WAL: so the file has its whole header from its first transaction on, wherever a crash comes.
      database.exec(`BEGIN EXCLUSIVE; ${SCHEMA} COMMIT;`);
    } else {
      checkIntegrity(database, path);
    }
    const mode = readPragma(database, 'journal_mode = WAL');
    if (mode !== 'wal') throw refuse('unwritable', path, `its file system takes no write-ahead log`);
    database.exec('PRAGMA journal_size_limit = 67108864; BEGIN IMMEDIATE; ROLLBACK;');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkIntegrity(database: DatabaseSync, path: string): void {
  const finding = readPragma(database, 'quick_check(1)');
  if (finding !== 'ok') throw refuse('corrupt', path, toReason(finding));
}

function readPragma(database: DatabaseSync, pragma: string): unknown {
  const row = database.prepare(`PRAGMA ${pragma}`).get();
  return row && Object.values(row)[0];
}

function withDatabase<T>(database: DatabaseSync, use: (database: DatabaseSync) => T): T {
  try {
    return use(database);
  } finally {
    database.close();
  }
}

const CODES_AT_OPENING = new Map<number | undefined, EventStoreErrorCode>([
  [SQLITE.busy, 'in-use'],
  [SQLITE.locked, 'in-use'],
  [SQLITE.corrupt, 'corrupt'],
  [SQLITE.notADatabase, 'corrupt'],
  [SQLITE.error, 'corrupt'],
]);

const ADVICE: Partial<Record<EventStoreErrorCode, string>> = {
  'in-use': 'another process, or another store of this one, has it open: stop that, or choose another file',
  corrupt: 'nothing was changed: restore it from a backup, or choose another file',
  'not-a-store': 'nothing was changed: choose another file',
  unwritable: 'choose a folder that can be written',
};

function refuse(code: EventStoreErrorCode, path: string, reason: string): EventStoreError {
  return new EventStoreError(code, `cannot open the event store ${path}: ${reason}; ${ADVICE[code] ?? ''}`);
}

function toOpeningError(error: unknown, path: string): EventStoreError {
  return refuse(CODES_AT_OPENING.get(toResultCode(error)) ?? 'unwritable', path, toReason(error));
}
