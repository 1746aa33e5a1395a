import type { AggregateAddress } from '../fields/aggregateSubscription.ts';
import type { StoredAggregate, StoredCommand } from '../storage/storedRecords.ts';
import type { OrderedTable, Row, RowKey, TableName, Tables } from './rows.ts';

export type LossReason = 'newer' | 'deleted' | 'unavailable';

/** Where rows outlive the page. Reads do not reject: what cannot be read is set aside and reported. */
export type Device = {
  /** All of them or none. Rejects where they cannot be written. The transaction has begun when it returns. */
  readonly commit: (rows: readonly Row[]) => Promise<void>;
  readonly get: <Table extends TableName>(table: Table, key: RowKey) => Promise<Tables[Table] | undefined>;
  readonly list: <Table extends TableName>(table: Table) => Promise<readonly Tables[Table][]>;
  /** As it was at one moment, and is still but for what was committed since this was called. */
  readonly readAggregate: (address: AggregateAddress) => Promise<StoredAggregate>;
  /** By ascending order. */
  readonly readPieces: <Table extends OrderedTable>(table: Table) => AsyncIterable<readonly Tables[Table][]>;
  /** Gives the commands of one page to another, all or none. Rejects where that cannot be written. */
  readonly adopt: (from: string, to: string) => Promise<readonly StoredCommand[]>;
  /** Makes it somebody's, unless it is another person's already. Resolves to whose it is then. */
  readonly claim: (userId: string) => Promise<string>;
  readonly close: () => void;
  /** Resolves when the browser takes it away: `newer` to give it to a newer version. */
  readonly whenLost: Promise<LossReason>;
};
