import type { Row, RowKey, TableName, Tables } from './rows.ts';

/** Rows in memory, the newest of each key. Records go in and out as copies. */
export class RowMap {
  readonly #tables = new Map<TableName, Map<string, Row>>();
  readonly #liesOver: boolean;

  /** `liesOver`: over the rows of a device, of which a removal hides one. */
  constructor({ liesOver }: { readonly liesOver: boolean }) {
    this.#liesOver = liesOver;
  }

  set(row: Row): void {
    const table = this.#table(row.table);
    if (row.record || this.#liesOver) table.set(toText(row.key), row);
    else table.delete(toText(row.key));
  }

  /** Forgets rows, but not those that were set anew meanwhile. */
  forget(rows: readonly Row[]): void {
    for (const row of rows) if (this.isNewest(row)) this.#table(row.table).delete(toText(row.key));
  }

  /** Whether the row was not set anew. */
  isNewest(row: Row): boolean {
    return this.#table(row.table).get(toText(row.key)) === row;
  }

  /** Whether it says anything of this key, be it that there is nothing. */
  has(table: TableName, key: RowKey): boolean {
    return this.#table(table).has(toText(key));
  }

  get<Table extends TableName>(table: Table, key: RowKey): Tables[Table] | undefined {
    return structuredClone(this.#table(table).get(toText(key))?.record) as Tables[Table] | undefined;
  }

  /** Those that match; all where nothing is said. */
  list<Table extends TableName>(table: Table, matches?: (record: Tables[Table]) => boolean): Tables[Table][] {
    const records: Tables[Table][] = [];
    for (const row of this.#table(table).values()) {
      const record = row.record as Tables[Table] | undefined;
      if (record && (matches?.(record) ?? true)) records.push(record);
    }
    return structuredClone(records);
  }

  /** One table as it is now. */
  copy(name: TableName): RowMap {
    const copy = new RowMap({ liesOver: this.#liesOver });
    copy.#tables.set(name, new Map(this.#table(name)));
    return copy;
  }

  #table(name: TableName): Map<string, Row> {
    const table = this.#tables.get(name) ?? new Map<string, Row>();
    this.#tables.set(name, table);
    return table;
  }
}

function toText(key: RowKey): string {
  return JSON.stringify(key);
}
