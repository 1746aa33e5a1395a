import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { APPLICATION_ID, FORMAT, SCHEMA } from './schema.ts';
import { isNotADatabase, toReason, toRefusal } from './sqliteErrors.ts';

/**
 * Opens the file of an event store for this connection alone, or creates it with its folders. Throws a refusal, or
 * what SQLite or the file system threw, and then has changed nothing in a file that was there.
 *
 * Nothing here opens the file but SQLite: POSIX drops all locks of a process on a file as soon as the process closes
 * any descriptor of it, so a mere look by `node:fs` would unlock the file under another store of this process.
 */
export function openDatabase(path: string): DatabaseSync {
  makeFolder(dirname(path));
  if (hasContent(path)) {
    checkOwner(path);
    checkLeftOver(path);
  }
  return openExclusively(path);
}

/** Step by step: for a folder that cannot be made in /proc, `recursive` never ends. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  }
}

function hasContent(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) throw toRefusal('not-a-store', path, 'it is no regular file');
  return stats !== undefined && stats.size > 0;
}

/**
 * Reads the header as it is on disk: `immutable` neither locks nor recovers what may be somebody else's. It does not
 * see the log either, and a crash while the log is moved into the file leaves a header that counts pages which are
 * still in the log alone. So this says nothing of whether the file is whole: that is looked at with the log.
 */
function checkOwner(path: string): void {
  const url = pathToFileURL(path);
  url.search = '?mode=ro&immutable=1';
  let header: { readonly owner: number; readonly format: number };
  try {
    // Not `defensive`, for `writable_schema`: with it SQLite reads a file that is shorter than its header says.
    header = withDatabase(new DatabaseSync(url, { readOnly: true, defensive: false }), (database) => {
      database.exec('PRAGMA writable_schema = ON');
      return {
        owner: Number(readPragma(database, 'application_id')),
        format: Number(readPragma(database, 'user_version')),
      };
    });
  } catch (error) {
    if (isNotADatabase(error)) throw toRefusal('not-a-store', path, 'it is no SQLite file');
    throw error;
  }
  if (header.owner !== APPLICATION_ID) {
    throw toRefusal('not-a-store', path, 'it belongs to another application');
  }
  if (header.format !== FORMAT) {
    throw toRefusal('not-a-store', path, `its format is ${header.format}, and this version reads ${FORMAT}`);
  }
}

/**
 * After a crash the newest events are in the log beside the file, and closing a connection that may write moves them
 * into the file. So a connection that may not looks first whether the two are sound.
 */
function checkLeftOver(path: string): void {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (!log?.size) return;
  withDatabase(new DatabaseSync(path, { readOnly: true }), (database) => checkIntegrity(database, path));
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
    if (mode !== 'wal') throw toRefusal('unwritable', path, 'its file system takes no write-ahead log');
    // A checkpoint waits for the disk with everyone else waiting: once in 32 MB instead of once in 4.
    database.exec('PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 8000;');
    database.exec('BEGIN IMMEDIATE; ROLLBACK;');
    // The index of the log that the look at what was left made. With the lock held nobody uses it.
    rmSync(`${path}-shm`, { force: true });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkIntegrity(database: DatabaseSync, path: string): void {
  const finding = readPragma(database, 'quick_check(1)');
  if (finding !== 'ok') throw toRefusal('corrupt', path, toReason(finding));
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
