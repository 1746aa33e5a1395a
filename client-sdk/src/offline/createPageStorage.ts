import type { AggregateAddress } from '../fields/aggregateSubscription.ts';
import type { OpenStorage, TextStorage } from '../storage/clientStorage.ts';
import type { StorageChange, StoredAggregate, StoredCommand } from '../storage/storedRecords.ts';
import type { Device } from './device.ts';
import type { DeviceCondition } from './deviceCondition.ts';
import type { OpenTabLink } from './memoryTabs.ts';
import type { RowMap } from './rowMap.ts';
import { trackTexts } from './trackTexts.ts';
import {
  byOrder,
  isOf,
  type OrderedTable,
  type Row,
  type TableName,
  type Tables,
  toKey,
  toPut,
  toRow,
} from './rows.ts';

export type PageStorageParts = {
  readonly tab: string;
  /** What is in memory: rows that lie over those of the device, or all there are. */
  readonly rows: RowMap;
  readonly device: Device | undefined;
  readonly condition: DeviceCondition;
  readonly tabs: OpenTabLink;
  readonly texts: TextStorage;
  readonly owner: string | undefined;
  /** After it nothing is written any more. */
  readonly isOver?: () => boolean;
};

// What has to be known for the page to go on where the device is taken away.
const WANTED: readonly TableName[] = ['commands', 'conflicts', 'outcomes', 'texts'];

/** What one page has of a storage. Every row is in memory until the device has it. */
export function createPageStorage(parts: PageStorageParts): OpenStorage {
  const { tab, rows, condition, tabs, isOver = () => false } = parts;
  const texts = trackTexts(parts.texts);
  let { device, owner } = parts;
  let queue: Row[] = [];
  let settled: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  void device?.whenLost.then(lose);

  function put(written: readonly Row[]): void {
    if (closing || isOver()) return;
    for (const row of written) rows.set(row);
    if (!device || !condition.isDurable()) return;
    if (queue.length === 0) queueMicrotask(commitQueue);
    queue = queue.concat(written);
  }

  function commitQueue(): void {
    const batch = queue;
    queue = [];
    if (batch.length === 0 || !device || !condition.isDurable()) return;
    addToSettled(device.commit(batch).then(() => rows.forget(batch), condition.fail));
  }

  function addToSettled(work: Promise<unknown>): void {
    const before = settled;
    settled = work.then(() => before);
  }

  async function flush(): Promise<void> {
    commitQueue();
    await settled;
  }

  async function flushAll(): Promise<void> {
    await Promise.all([flush(), texts.flush()]);
  }

  /** The rows that are missing in memory are read from the device before it is let go. */
  function lose(reason: 'newer' | 'unavailable'): void {
    const lost = device;
    if (!lost) return;
    commitQueue();
    addToSettled(Promise.all(WANTED.map((table) => takeOver(lost, table))));
    lost.close();
    device = undefined;
    condition.leave(reason, new Error('the database was closed'));
  }

  async function takeOver(lost: Device, table: TableName): Promise<void> {
    for (const record of await lost.list(table)) {
      if (!rows.has(table, toKey(table, record))) rows.set(toPut(table, record));
    }
  }

  /** Records of the device, as they are with what is in memory only. */
  function lay<Table extends TableName>(
    over: RowMap,
    table: Table,
    below: readonly Tables[Table][],
  ): Tables[Table][] {
    return [...below.filter((record) => !over.has(table, toKey(table, record))), ...over.list(table)];
  }

  async function readAggregate(address: AggregateAddress): Promise<StoredAggregate> {
    await flush();
    const over = {
      states: rows.copy('states'),
      commands: rows.copy('commands'),
      conflicts: rows.copy('conflicts'),
    };
    const below = await device?.readAggregate(address);
    const key = [address.aggregate, address.id];
    const state = over.states.has('states', key) ? over.states.get('states', key)?.state : below?.state;
    return {
      state,
      commands: lay(over.commands, 'commands', below?.commands ?? [])
        .filter(isOf(address))
        .sort(byOrder),
      conflicts: lay(over.conflicts, 'conflicts', below?.conflicts ?? [])
        .filter(isOf(address))
        .sort(byOrder),
    };
  }

  async function* readPieces<Table extends OrderedTable>(
    table: Table,
  ): AsyncGenerator<readonly Tables[Table][]> {
    await flush();
    const over = rows.copy(table);
    let kept = over.list(table);
    for await (const { records, upTo } of device?.readPieces(table) ?? []) {
      const between = kept.filter(({ order }) => order <= upTo);
      kept = kept.filter(({ order }) => order > upTo);
      const fresh = records.filter((record) => !over.has(table, toKey(table, record)));
      yield [...fresh, ...between].sort(byOrder);
    }
    if (kept.length > 0) yield kept.sort(byOrder);
  }

  async function readAll<Table extends TableName>(table: Table): Promise<Tables[Table][]> {
    await flush();
    const over = rows.copy(table);
    return lay(over, table, (await device?.list(table)) ?? []);
  }

  async function adopt(gone: string): Promise<readonly StoredCommand[]> {
    await flush();
    if (closing || isOver()) return [];
    const inMemory = rows.list('commands').filter((command) => command.tab === gone);
    const adopted = inMemory.map((command) => ({ ...command, tab }));
    put(adopted.map((command) => toPut('commands', command)));
    const fromDevice = device ? await adoptFrom(device, gone) : [];
    return [...adopted, ...fromDevice].sort(byOrder);
  }

  async function adoptFrom(from: Device, gone: string): Promise<readonly StoredCommand[]> {
    const over = rows.copy('commands');
    try {
      const adopted = await from.adopt(gone, tab);
      return adopted.filter((command) => !over.has('commands', command.key));
    } catch (error) {
      // Another page may have them as well then: the server applies each of them once.
      condition.fail(error);
      const left = (await from.list('commands')).filter((command) => command.tab === gone);
      const adopted = left
        .filter((command) => !over.has('commands', command.key))
        .map((command) => ({ ...command, tab }));
      put(adopted.map((command) => toPut('commands', command)));
      return adopted;
    }
  }

  async function close(): Promise<void> {
    await Promise.all([flush(), texts.close()]);
    tabs.close();
    device?.close();
  }

  return {
    condition,
    tabs,
    texts,
    get owner() {
      return owner;
    },
    claim: (userId) => {
      owner = userId;
      put([toPut('owner', { of: 'storage', userId })]);
    },
    write: (...changes: StorageChange[]) => put(changes.map(toRow)),
    flush: flushAll,
    readAggregate,
    readList: async (aggregate) => {
      await flush();
      return rows.has('lists', aggregate) ? rows.get('lists', aggregate) : device?.get('lists', aggregate);
    },
    readCommands: () => readPieces('commands'),
    readConflicts: () => readPieces('conflicts'),
    readOutcomes: async () => (await readAll('outcomes')).sort(byOrder),
    readUnsavedTexts: () => readAll('texts'),
    adopt,
    close: () => (closing ??= close()),
  };
}
