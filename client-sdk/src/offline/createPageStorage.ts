import type { Report } from '../lifecycle/clientReport.ts';
import type { AggregateAddress } from '../fields/aggregateSubscription.ts';
import type { OpenStorage, TextStorage } from '../storage/clientStorage.ts';
import type { StorageChange, StoredAggregate, StoredCommand } from '../storage/storedRecords.ts';
import type { Device, LossReason } from './device.ts';
import type { DeviceCondition } from './deviceCondition.ts';
import type { OpenTabLink } from './memoryTabs.ts';
import { RowMap } from './rowMap.ts';
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
  toRemoval,
  toRow,
} from './rows.ts';

export type PageStorageParts = {
  readonly tab: string;
  /** What is in memory: rows that lie over those of the device, or all there are. */
  readonly rows: RowMap;
  readonly device: Device | undefined;
  readonly condition: DeviceCondition;
  readonly report: Report;
  readonly tabs: OpenTabLink;
  readonly texts: TextStorage;
  readonly owner: string | undefined;
  /** After it nothing is written any more. */
  readonly isOver?: () => boolean;
};

/** Of the rows of a device, those that nothing in memory says more of; with those in memory that match. */
type Below<Table extends TableName> = {
  readonly below: readonly Tables[Table][];
  readonly matches?: (record: Tables[Table]) => boolean;
};

const LOSS_ERRORS = { newer: 'VersionError', unavailable: 'AbortError' } as const;

// What has to be known for the page to go on where the device is taken away.
const WANTED: readonly TableName[] = ['commands', 'conflicts', 'outcomes', 'texts'];

/** What one page has of a storage. Every row is in memory until the device has it. */
export function createPageStorage(parts: PageStorageParts): OpenStorage {
  const { tab, condition, tabs, isOver = () => false } = parts;
  const texts = trackTexts(parts.texts);
  let { device, owner, rows } = parts;
  let queue: Row[] = [];
  // One transaction after the other, each with what was written during the one before.
  let settled: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  let isDisowned = false;
  void device?.whenLost.then(lose);

  function put(written: readonly Row[]): void {
    if (closing || isOver()) return;
    for (const row of written) rows.set(row);
    if (!device || !condition.isDurable()) return;
    if (queue.length === 0) settled = settled.then(commitQueue);
    for (const row of written) queue.push(row);
  }

  async function commitQueue(): Promise<void> {
    const batch = queue.filter((row) => rows.isNewest(row));
    queue = [];
    if (batch.length === 0 || !device || !condition.isDurable()) return;
    await device.commit(batch).then(() => rows.forget(batch), condition.fail);
  }

  async function flushAll(): Promise<void> {
    await Promise.all([settled, texts.flush()]);
  }

  /** The rows that are missing in memory are read from the device before it is let go. */
  function lose(reason: LossReason): void {
    const lost = device;
    if (!lost) return;
    const working = [settled, commitQueue(), ...WANTED.map((table) => takeOver(lost, table))];
    settled = Promise.all(working);
    lost.close();
    device = undefined;
    if (reason === 'deleted') condition.leave(reason, 'it was deleted while this page was open');
    else condition.fail(new DOMException('the database was closed', LOSS_ERRORS[reason]));
  }

  /** Everything that is done with it from here on is done in memory. */
  function disown(keys: readonly string[], detail: string): void {
    if (closing || isDisowned || isOver()) return;
    isDisowned = true;
    const removals = keys.map((key) => toRemoval('commands', key));
    if (!device) for (const removal of removals) rows.set(removal);
    settled = Promise.all([letGo(device, removals, settled), texts.leave()]);
    device = undefined;
    queue = [];
    rows = new RowMap({ liesOver: false });
    condition.leave('other-person', detail);
  }

  /** This page is gone to the others only when they find none of `removals` any more: they would go on with it. */
  async function letGo(
    of: Device | undefined,
    removals: readonly Row[],
    written: Promise<unknown>,
  ): Promise<void> {
    try {
      await written;
      if (removals.length > 0) await of?.commit(removals);
    } catch (error) {
      const detail = 'what somebody else asked for could not be taken back out of the storage';
      parts.report({ kind: 'storage-failed', detail, error });
    }
    tabs.close();
    of?.close();
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
    { below, matches }: Below<Table>,
  ): Tables[Table][] {
    const fromDevice = below.filter((record) => !over.has(table, toKey(table, record)));
    return [...fromDevice, ...over.list(table, matches)];
  }

  async function readAggregate(address: AggregateAddress): Promise<StoredAggregate> {
    // A device reads what was committed before, and commits nothing more until it has read: the rest is in memory yet.
    if (!device) await settled;
    // Where it is taken away just then, what it had comes to memory.
    const below = await device?.readAggregate(address).catch(() => settled.then(() => undefined));
    const key = [address.aggregate, address.id];
    const select = <Table extends OrderedTable>(table: Table, records: readonly Tables[Table][] = []) =>
      lay(rows, table, { below: records, matches: isOf(address) }).sort(byOrder);
    return {
      state: rows.has('states', key) ? rows.get('states', key)?.state : below?.state,
      commands: select('commands', below?.commands),
      conflicts: select('conflicts', below?.conflicts),
    };
  }

  async function* readPieces<Table extends OrderedTable>(
    table: Table,
  ): AsyncGenerator<readonly Tables[Table][]> {
    await settled;
    const over = rows.copy(table);
    let kept = over.list(table);
    for await (const records of device?.readPieces(table) ?? []) {
      if (isDisowned) return;
      const upTo = records.at(-1)?.order ?? -Infinity;
      const between = kept.filter(({ order }) => order <= upTo);
      kept = kept.filter(({ order }) => order > upTo);
      const fresh = records.filter((record) => !over.has(table, toKey(table, record)));
      yield [...fresh, ...between].sort(byOrder);
    }
    if (kept.length > 0) yield kept.sort(byOrder);
  }

  async function readAll<Table extends TableName>(table: Table): Promise<Tables[Table][]> {
    await settled;
    const over = rows.copy(table);
    return lay(over, table, { below: (await device?.list(table)) ?? [] });
  }

  async function adopt(gone: string): Promise<readonly StoredCommand[]> {
    await settled;
    if (closing || isDisowned || isOver()) return [];
    const inMemory = adoptInMemory(
      rows.list('commands', (command) => command.tab === gone),
      gone,
    );
    const onDevice = await device?.adopt(gone, tab).then(
      (adopted) => adopted.filter(({ key }) => !rows.has('commands', key)),
      async (error: unknown) => {
        // Another page may have them as well then: the server applies each of them once.
        condition.fail(error);
        return adoptInMemory(await readAll('commands'), gone);
      },
    );
    // They are for another page of their owner by now.
    return isDisowned ? [] : [...inMemory, ...(onDevice ?? [])].sort(byOrder);
  }

  function adoptInMemory(commands: readonly StoredCommand[], gone: string): StoredCommand[] {
    const adopted = commands
      .filter((command) => command.tab === gone)
      .map((command) => ({ ...command, tab }));
    put(adopted.map((command) => toPut('commands', command)));
    return adopted;
  }

  async function claimDevice(of: Device, userId: string): Promise<string> {
    const claimed = await of.claim(userId).catch(condition.fail);
    return claimed === undefined ? claimInMemory(userId) : (owner = claimed);
  }

  function claimInMemory(userId: string): string {
    owner ??= rows.get('owner', 'storage')?.userId;
    if (owner !== undefined) return owner;
    put([toPut('owner', { of: 'storage', userId })]);
    return (owner = userId);
  }

  async function close(): Promise<void> {
    await Promise.all([settled, texts.close()]);
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
    claim: (userId) => (device ? claimDevice(device, userId) : claimInMemory(userId)),
    write: (...changes: StorageChange[]) => put(changes.map(toRow)),
    flush: flushAll,
    readAggregate,
    readList: async (aggregate) => {
      await settled;
      return rows.has('lists', aggregate) ? rows.get('lists', aggregate) : device?.get('lists', aggregate);
    },
    readCommands: () => readPieces('commands'),
    readConflicts: () => readPieces('conflicts'),
    readOutcomes: async () => (await readAll('outcomes')).sort(byOrder),
    readUnsavedTexts: () => readAll('texts'),
    adopt,
    disown,
    close: () => (closing ??= close()),
  };
}
