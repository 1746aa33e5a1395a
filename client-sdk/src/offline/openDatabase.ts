import { type IDBPDatabase, openDB, type OpenDBCallbacks } from 'idb';
import type { Report } from '../lifecycle/clientReport.ts';

export type DatabaseOptions = OpenDBCallbacks<unknown> & {
  /** Default: that which it has, or 1. */
  readonly version?: number;
  readonly tables: readonly string[];
  readonly report: Report;
};

const BROKEN = ['DataError', 'UnknownError'];

/**
 * Opens the first of these databases that is not broken. A broken one is left as it is: somebody may yet get something
 * out of it.
 */
export async function openDatabase(
  [name, ...spares]: readonly [string, ...string[]],
  options: DatabaseOptions,
): Promise<IDBPDatabase> {
  try {
    return await openWhole(name, options);
  } catch (error) {
    const [spare, ...others] = spares;
    const isBroken = error instanceof Error && BROKEN.includes(error.name);
    if (!isBroken || spare === undefined) throw error;
    const db = await openDatabase([spare, ...others], options);
    options.report({ kind: 'storage-failed', detail: `${name} is broken, ${spare} takes its place`, error });
    return db;
  }
}

async function openWhole(
  name: string,
  { version, tables, ...callbacks }: DatabaseOptions,
): Promise<IDBPDatabase> {
  const db = await openDB(name, version, callbacks);
  const missing = tables.filter((table) => !db.objectStoreNames.contains(table));
  if (missing.length === 0) return db;
  db.close();
  throw new DOMException(`there is no ${missing.join(', ')}`, 'DataError');
}
