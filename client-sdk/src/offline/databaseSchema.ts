import type { IDBPDatabase } from 'idb';
import { KEY_PATHS, type OrderedTable, type TableName } from './rows.ts';

/** Of the database's layout; a page of an older version makes room for a newer one. */
export const SCHEMA_VERSION = 1;

/** What made no sense, for whoever looks into it: `{ table, record }`. */
export const SET_ASIDE = 'set-aside';

const TABLES = Object.keys(KEY_PATHS) as TableName[];
const ORDERED: readonly TableName[] = ['commands', 'conflicts'] satisfies OrderedTable[];

const INDEXES = { order: [], aggregate: ['aggregate', 'id'], tab: ['tab'] } as const;
export type IndexName = keyof typeof INDEXES;

/** What an index of an ordered table sorts by: by ascending order of what it is for. */
export function toIndexPath(table: TableName, index: IndexName): string[] {
  return [...INDEXES[index], 'order', KEY_PATHS[table]].flat();
}

export const ALL_TABLES: readonly string[] = [...TABLES, SET_ASIDE];

export function createTables(db: IDBPDatabase): void {
  for (const table of TABLES) {
    const store = db.createObjectStore(table, { keyPath: KEY_PATHS[table] });
    if (!ORDERED.includes(table)) continue;
    for (const index of Object.keys(INDEXES) as IndexName[]) {
      store.createIndex(index, toIndexPath(table, index));
    }
  }
  db.createObjectStore(SET_ASIDE, { autoIncrement: true });
}

/** What the names of all databases of a storage begin with. */
export function toAddress(name: string): string {
  return `weft:${name}`;
}
