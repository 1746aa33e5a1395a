import { type IDBPTransaction, unwrap } from 'idb';
import type { AggregateAddress } from '../fields/aggregateSubscription.ts';
import type { Report } from '../lifecycle/clientReport.ts';
import type { StoredAggregate, StoredCommand } from '../storage/storedRecords.ts';
import { isRecord } from './checkRecord.ts';
import {
  ALL_TABLES,
  createTables,
  type IndexName,
  SCHEMA_VERSION,
  SET_ASIDE,
  toIndexPath,
} from './databaseSchema.ts';
import type { Device, LossReason } from './device.ts';
import { inTransaction } from './inTransaction.ts';
import { openDatabase } from './openDatabase.ts';
import { type OrderedTable, type Row, type TableName, type Tables, toKey, toPut } from './rows.ts';

type Selection<Table extends TableName> = {
  readonly table: Table;
  readonly index?: IndexName;
  readonly range?: IDBKeyRange;
  readonly limit?: number;
};

type Transaction = IDBPTransaction<unknown, string[], IDBTransactionMode>;

/** Those that an index has of one aggregate, or of one page; of all where it says nothing. */
type PiecesSelection<Table extends OrderedTable> = {
  readonly table: Table;
  readonly index: IndexName;
  readonly of?: readonly string[];
  /** Default: another one for each piece. */
  readonly transaction?: Transaction;
};

// What a page reads, checks and puts in a few milliseconds.
const PIECE_SIZE = 100;
const MAX_SET_ASIDE = 100;
// The server has them too. Removals may be lost as well: a command is sent again, with its key, and answered alike.
const MAY_BE_LOST: readonly TableName[] = ['states', 'lists'];

/** Rejects where the browser gives no database. */
export async function openIndexedDbDevice(name: string, report: Report): Promise<Device> {
  // Some browsers have none, and it is not there where an application turns it off.
  if (!(globalThis as Partial<typeof globalThis>).indexedDB) {
    throw new DOMException('there is no IndexedDB', 'NotSupportedError');
  }
  const lost = Promise.withResolvers<LossReason>();
  const db = await openDatabase(await listNames(name), {
    version: SCHEMA_VERSION,
    tables: ALL_TABLES,
    report,
    upgrade: createTables,
    blocked: () => reportFailure('waits for a page of an older version to be closed'),
    blocking: (_version, wanted) => lost.resolve(wanted === null ? 'deleted' : 'newer'),
    terminated: () => lost.resolve('unavailable'),
  });

  let isClosed = false;
  let reading: Promise<Transaction> | undefined;

  /** What is still being read when it is closed fails, and nobody misses it. */
  function reportFailure(detail: string, error?: unknown): void {
    if (isClosed) return;
    report({ kind: 'storage-failed', detail, ...(error !== undefined && { error }) });
  }

  async function commit(rows: readonly Row[]): Promise<void> {
    const tables = [...new Set(rows.map(({ table }) => table))];
    const mayBeLost = rows.every(({ table, record }) => !record || MAY_BE_LOST.includes(table));
    const durability = mayBeLost ? 'relaxed' : 'strict';
    await inTransaction(db.transaction(tables, 'readwrite', { durability }), async (transaction) => {
      writeRows(transaction, rows);
      // From here on it does not need the page any more.
      transaction.commit();
    });
  }

  async function select<Table extends TableName>(selection: Selection<Table>): Promise<Tables[Table][]> {
    const { table } = selection;
    return keepGood(table, await readRecords(selection));
  }

  async function readRecords(
    { table, index, range, limit }: Selection<TableName>,
    transaction?: Transaction,
  ): Promise<unknown[]> {
    const source = (of: Transaction = db.transaction([table])) => {
      const store = of.objectStore(table);
      return index ? store.index(index) : store;
    };
    try {
      const records: unknown[] = await source(transaction).getAll(range, limit);
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
    const good: Tables[Table][] = [];
    const bad: unknown[] = [];
    for (const record of records) {
      if (isRecord(table, record)) good.push(record);
      else bad.push(record);
    }
    if (bad.length > 0) {
      reportFailure(`${bad.length} of the ${table} made no sense, and were set aside`);
      setAside(table, bad as object[]).catch((error: unknown) =>
        reportFailure('could not set them aside', error),
      );
    }
    return good;
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

  async function* selectPieces<Table extends OrderedTable>({
    table,
    index,
    of = [],
    transaction,
  }: PiecesSelection<Table>): AsyncGenerator<Tables[Table][]> {
    let after: IDBValidKey[] = [...of];
    for (;;) {
      // Nothing comes after an array.
      const range = IDBKeyRange.bound(after, [...of, []], true);
      const found = await readRecords({ table, index, range, limit: PIECE_SIZE }, transaction);
      yield keepGood(table, found);
      if (found.length !== PIECE_SIZE) return;
      const last = found.at(-1) as Readonly<Record<string, IDBValidKey>>;
      after = toIndexPath(table, index).map((member) => last[member] ?? '');
    }
  }

  async function* readPieces<Table extends OrderedTable>(table: Table): AsyncGenerator<Tables[Table][]> {
    yield* selectPieces({ table, index: 'order' });
    await setUnorderedAside(table);
  }

  /** Records without an order are in no index. */
  async function setUnorderedAside(table: OrderedTable): Promise<void> {
    try {
      const { store } = db.transaction(table);
      const [all, ordered] = await Promise.all([store.count(), store.index('order').count()]);
      if (all !== ordered) await select({ table });
    } catch (error) {
      reportFailure(`the ${table} cannot be counted`, error);
    }
  }

  /** Those that are asked for in one moment are read together: transactions cost more than what is read in them. */
  async function readAggregate(address: AggregateAddress): Promise<StoredAggregate> {
    reading ??= Promise.resolve().then(() => {
      reading = undefined;
      return db.transaction(['commands', 'conflicts', 'states']);
    });
    return readIn(await reading, address);
  }

  async function readIn(
    transaction: Transaction,
    { aggregate, id }: AggregateAddress,
  ): Promise<StoredAggregate> {
    const of = { index: 'aggregate', of: [aggregate, id], transaction } as const;
    const range = IDBKeyRange.only([aggregate, id]);
    const [commands, conflicts, states] = await Promise.all([
      toArray(selectPieces({ table: 'commands', ...of })),
      toArray(selectPieces({ table: 'conflicts', ...of })),
      readRecords({ table: 'states', range }, transaction),
    ]);
    return { state: keepGood('states', states)[0]?.state, commands, conflicts };
  }

  /** In one transaction, so that one page has them all; the page does other things between its pieces. */
  async function adopt(from: string, to: string): Promise<readonly StoredCommand[]> {
    const begun = db.transaction(['commands'], 'readwrite', { durability: 'strict' });
    return inTransaction(begun, async (transaction) => {
      const adopted: StoredCommand[] = [];
      for await (const piece of selectPieces({ table: 'commands', index: 'tab', of: [from], transaction })) {
        const moved = piece.map((command) => ({ ...command, tab: to }));
        writeRows(
          transaction,
          moved.map((command) => toPut('commands', command)),
        );
        adopted.push(...moved);
      }
      return adopted;
    });
  }

  function claim(userId: string): Promise<string> {
    const begun = db.transaction(['owner'], 'readwrite', { durability: 'strict' });
    return inTransaction(begun, async (transaction) => {
      const owner: unknown = await transaction.objectStore('owner').get('storage');
      if (isRecord('owner', owner)) return owner.userId;
      writeRows(transaction, [toPut('owner', { of: 'storage', userId })]);
      return userId;
    });
  }

  return {
    commit,
    claim,
    get: async (table, key) => (await select({ table, range: IDBKeyRange.only(key) }))[0],
    list: (table) => select({ table }),
    readAggregate,
    readPieces,
    adopt,
    close: () => {
      isClosed = true;
      db.close();
    },
    whenLost: lost.promise,
  };
}

/** Without a promise for each of what may be ten thousand. */
function writeRows(wrapped: Transaction, rows: readonly Row[]): void {
  const transaction: IDBTransaction = unwrap(wrapped);
  for (const { table, key, record } of rows) {
    const store = transaction.objectStore(table);
    if (record) store.put(record);
    else store.delete(key);
  }
}

async function toArray<Item>(pieces: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const piece of pieces) items.push(...piece);
  return items;
}

/** Where a spare one has taken the place of a broken one, it keeps it. */
async function listNames(name: string): Promise<[string, ...string[]]> {
  const spare = `${name}//2`;
  const all = await indexedDB.databases?.().catch(() => []);
  return all?.some((database) => database.name === spare) ? [spare] : [name, spare];
}
