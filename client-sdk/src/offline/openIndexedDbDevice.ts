import { unwrap } from 'idb';
import type { AggregateAddress } from '../fields/aggregateSubscription.ts';
import type { Report } from '../lifecycle/clientReport.ts';
import type { StoredAggregate, StoredCommand } from '../storage/storedRecords.ts';
import { isRecord } from './checkRecord.ts';
import { ALL_TABLES, createTables, SCHEMA_VERSION, SET_ASIDE } from './databaseSchema.ts';
import type { Device, Piece } from './device.ts';
import { inTransaction } from './inTransaction.ts';
import { openDatabase } from './openDatabase.ts';
import { type OrderedTable, type Row, type TableName, type Tables, toKey } from './rows.ts';

type Selection<Table extends TableName> = {
  readonly table: Table;
  readonly index?: 'order' | 'aggregate' | 'tab';
  readonly range?: IDBKeyRange | undefined;
  readonly limit?: number;
};

const PIECE_SIZE = 500;
const MAX_SET_ASIDE = 100;
// The server has them too.
const MAY_BE_LOST: readonly TableName[] = ['states', 'lists'];

/** Rejects where the browser gives no database. */
export async function openIndexedDbDevice(name: string, report: Report): Promise<Device> {
  const lost = Promise.withResolvers<'newer' | 'unavailable'>();
  const db = await openDatabase(await listNames(name), {
    version: SCHEMA_VERSION,
    tables: ALL_TABLES,
    report,
    upgrade: createTables,
    blocked: () => reportFailure('waits for a page of an older version to be closed'),
    blocking: () => lost.resolve('newer'),
    terminated: () => lost.resolve('unavailable'),
  });

  function reportFailure(detail: string, error?: unknown): void {
    report({ kind: 'storage-failed', detail, ...(error !== undefined && { error }) });
  }

  async function commit(rows: readonly Row[]): Promise<void> {
    const tables = [...new Set(rows.map(({ table }) => table))];
    const durability = tables.every((table) => MAY_BE_LOST.includes(table)) ? 'relaxed' : 'strict';
    await inTransaction(db.transaction(tables, 'readwrite', { durability }), async (wrapped) => {
      // Without a promise for each of what may be ten thousand.
      const transaction: IDBTransaction = unwrap(wrapped);
      for (const { table, key, record } of rows) {
        const store = transaction.objectStore(table);
        if (record) store.put(record);
        else store.delete(key);
      }
      // From here on it does not need the page any more.
      transaction.commit();
    });
  }

  async function select<Table extends TableName>(selection: Selection<Table>): Promise<Tables[Table][]> {
    const { table } = selection;
    return keepGood(table, await readRecords(selection));
  }

  async function readRecords({ table, index, range, limit }: Selection<TableName>): Promise<unknown[]> {
    const source = () => {
      const { store } = db.transaction(table);
      return index ? store.index(index) : store;
    };
    try {
      const records: unknown[] = await source().getAll(range, limit);
      return records;
    } catch (error) {
      reportFailure(`some of the ${table} cannot be read`, error);
    }
    return readSingly(table, () => source().getAllKeys(range));
  }

  /** One record that cannot be read fails a read of many. */
  async function readSingly(table: TableName, readKeys: () => Promise<IDBValidKey[]>): Promise<unknown[]> {
    try {
      const keys = await readKeys();
      const records: unknown[] = await Promise.all(
        keys.map((key) => db.get(table, key).catch(() => undefined)),
      );
      return records.filter((record) => record !== undefined);
    } catch {
      // It was reported already that they cannot be read.
      return [];
    }
  }

  function keepGood<Table extends TableName>(table: Table, records: readonly unknown[]): Tables[Table][] {
    const bad = records.filter((record) => !isRecord(table, record));
    if (bad.length > 0) {
      reportFailure(`${bad.length} of the ${table} made no sense, and were set aside`);
      setAside(table, bad as object[]).catch((error: unknown) =>
        reportFailure('could not set them aside', error),
      );
    }
    return records.filter((record) => isRecord(table, record));
  }

  async function setAside(table: TableName, bad: readonly object[]): Promise<void> {
    await inTransaction(db.transaction([table, SET_ASIDE], 'readwrite'), async (transaction) => {
      const store = transaction.objectStore(table);
      const aside = transaction.objectStore(SET_ASIDE);
      const move = async (found: object) => {
        const key = toKey(table, found);
        const record: unknown = await store.get(key);
        // Somebody may have written a good one meanwhile.
        if (record === undefined || isRecord(table, record)) return;
        await Promise.all([aside.add({ table, record }), store.delete(key)]);
      };
      await Promise.all(bad.map(move));
      const keys = await aside.getAllKeys();
      await Promise.all(keys.slice(0, -MAX_SET_ASIDE).map((key) => aside.delete(key)));
    });
  }

  async function* readPieces<Table extends OrderedTable>(table: Table): AsyncGenerator<Piece<Table>> {
    let range: IDBKeyRange | undefined;
    for (;;) {
      const found = await readRecords({ table, index: 'order', range, limit: PIECE_SIZE });
      const records = keepGood(table, found);
      const last = records.at(-1);
      if (last) yield { records, upTo: last.order };
      if (found.length !== PIECE_SIZE) break;
      const { order, ...end } = found.at(-1) as Tables[Table];
      range = IDBKeyRange.lowerBound([order, toKey(table, end)].flat(), true);
    }
    await setUnorderedAside(table);
  }

  /** Records without an order are in no index. */
  async function setUnorderedAside(table: OrderedTable): Promise<void> {
    const { store } = db.transaction(table);
    const [all, ordered] = await Promise.all([store.count(), store.index('order').count()]);
    if (all !== ordered) await select({ table });
  }

  async function readAggregate({ aggregate, id }: AggregateAddress): Promise<StoredAggregate> {
    const range = IDBKeyRange.only([aggregate, id]);
    const [commands, conflicts, [state]] = await Promise.all([
      select({ table: 'commands', index: 'aggregate', range }),
      select({ table: 'conflicts', index: 'aggregate', range }),
      select({ table: 'states', range }),
    ]);
    return { state: state?.state, commands, conflicts };
  }

  async function adopt(from: string, to: string): Promise<readonly StoredCommand[]> {
    const transaction = db.transaction(['commands'], 'readwrite', { durability: 'strict' });
    return inTransaction(transaction, async () => {
      const store = transaction.objectStore('commands');
      const found: unknown[] = await store.index('tab').getAll(from);
      const adopted = found
        .filter((record) => isRecord('commands', record))
        .map((command) => ({ ...command, tab: to }));
      await Promise.all(adopted.map((command) => store.put(command)));
      return adopted;
    });
  }

  return {
    commit,
    get: async (table, key) => (await select({ table, range: IDBKeyRange.only(key) }))[0],
    list: (table) => select({ table }),
    readAggregate,
    readPieces,
    adopt,
    close: () => db.close(),
    whenLost: lost.promise,
  };
}

/** Where a spare one has taken the place of a broken one, it keeps it. */
async function listNames(name: string): Promise<[string, ...string[]]> {
  const spare = `${name}//2`;
  const all = await indexedDB.databases?.().catch(() => []);
  return all?.some((database) => database.name === spare) ? [spare] : [name, spare];
}
