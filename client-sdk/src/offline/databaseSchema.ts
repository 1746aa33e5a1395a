import type { IDBPDatabase } from 'idb';
import { KEY_PATHS, type TableName } from './rows.ts';

/** Of the database's layout; a page of an older version makes room for a newer one. */
export const SCHEMA_VERSION = 1;

/** What made no sense, for whoever looks into it: `{ table, record }`. */
export const SET_ASIDE = 'set-aside';

const TABLES = Object.keys(KEY_PATHS) as TableName[];
const ORDERED: readonly TableName[] = ['commands', 'conflicts'];

export const ALL_TABLES: readonly string[] = [...TABLES, SET_ASIDE];

export function createTables(db: IDBPDatabase): void {
  for (const table of TABLES) {
    const store = db.createObjectStore(table, { keyPath: KEY_PATHS[table] });
    if (!ORDERED.includes(table)) continue;
    store.createIndex('order', ['order', KEY_PATHS[table]].flat());
    store.createIndex('aggregate', ['aggregate', 'id']);
    store.createIndex('tab', 'tab');
  }
  db.createObjectStore(SET_ASIDE, { autoIncrement: true });
}

/** What the names of all databases of a storage begin with. */
export function toAddress(name: string): string {
  return `weft:${name}`;
}
