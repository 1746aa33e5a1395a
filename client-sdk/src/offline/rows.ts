import type { AggregateAddress } from '../fields/aggregateSubscription.ts';
import type { TextTarget } from '../connection/textTarget.ts';
import type {
  StorageChange,
  StoredCommand,
  StoredConflict,
  StoredList,
  StoredOutcome,
  StoredState,
} from '../storage/storedRecords.ts';

/** What a storage is made of. */
export type Tables = {
  commands: StoredCommand;
  conflicts: StoredConflict;
  outcomes: StoredOutcome;
  states: StoredState;
  lists: StoredList;
  /** Those with edits that were never saved. */
  texts: TextTarget;
  owner: { readonly of: 'storage'; readonly userId: string };
};
export type TableName = keyof Tables;
export type OrderedTable = 'commands' | 'conflicts';
export type RowKey = string | string[];

/** One write: the new record under a key, or none any more. */
export type Row = { readonly table: TableName; readonly key: RowKey; readonly record: object | undefined };

/** Which members of a record make its key. */
export const KEY_PATHS: Readonly<Record<TableName, RowKey>> = {
  commands: 'key',
  conflicts: 'conflict',
  outcomes: 'key',
  states: ['aggregate', 'id'],
  lists: 'aggregate',
  texts: ['aggregate', 'id', 'field'],
  owner: 'of',
};

export function toKey(table: TableName, record: object): RowKey {
  const members = record as Record<string, string>;
  const path = KEY_PATHS[table];
  return typeof path === 'string' ? (members[path] ?? '') : path.map((member) => members[member] ?? '');
}

export function toPut<Table extends TableName>(table: Table, record: Tables[Table]): Row {
  return { table, key: toKey(table, record), record };
}

export function toRemoval(table: TableName, key: RowKey): Row {
  return { table, key, record: undefined };
}

type ToRow = {
  [Type in StorageChange['type']]: (change: Extract<StorageChange, { type: Type }>) => Row;
};

const ROW_OF: ToRow = {
  'put-command': ({ command }) => toPut('commands', command),
  'remove-command': ({ key }) => toRemoval('commands', key),
  'put-conflict': ({ conflict }) => toPut('conflicts', conflict),
  'remove-conflict': ({ conflict }) => toRemoval('conflicts', conflict),
  'put-outcome': ({ outcome }) => toPut('outcomes', outcome),
  'remove-outcome': ({ key }) => toRemoval('outcomes', key),
  'put-state': ({ state }) => toPut('states', state),
  'put-list': ({ list }) => toPut('lists', list),
  'mark-text': ({ text: { isUnsaved, aggregate, id, field } }) => {
    const target = { aggregate, id, field };
    return isUnsaved ? toPut('texts', target) : toRemoval('texts', toKey('texts', target));
  },
};

/** The record is a copy: what becomes of the given one does not matter. */
export function toRow(change: StorageChange): Row {
  const convert = ROW_OF[change.type] as (change: StorageChange) => Row;
  return convert(structuredClone(change));
}

export function isOf({ aggregate, id }: AggregateAddress): (record: AggregateAddress) => boolean {
  return (record) => record.aggregate === aggregate && record.id === id;
}

export function byOrder(a: { readonly order: number }, b: { readonly order: number }): number {
  return a.order - b.order;
}
