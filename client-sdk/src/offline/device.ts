import type { AggregateAddress } from '../fields/aggregateSubscription.ts';
import type { StoredAggregate, StoredCommand } from '../storage/storedRecords.ts';
import type { OrderedTable, Row, RowKey, TableName, Tables } from './rows.ts';

/** Some of the records of a table, by ascending order; `upTo` is the order that they reach to. */
export type Piece<Table extends OrderedTable> = {
  readonly records: readonly Tables[Table][];
  readonly upTo: number;
};

/** Where rows outlive the page. Reads do not reject: what cannot be read is set aside and reported. */
export type Device = {
  /** All of them or none. Rejects where they cannot be written. The transaction has begun when it returns. */
  readonly commit: (rows: readonly Row[]) => Promise<void>;
  readonly get: <Table extends TableName>(table: Table, key: RowKey) => Promise<Tables[Table] | undefined>;
  readonly list: <Table extends TableName>(table: Table) => Promise<readonly Tables[Table][]>;
  readonly readAggregate: (address: AggregateAddress) => Promise<StoredAggregate>;
  readonly readPieces: <Table extends OrderedTable>(table: Table) => AsyncIterable<Piece<Table>>;
  /** Gives the commands of one page to another. Rejects where that cannot be written. */
  readonly adopt: (from: string, to: string) => Promise<readonly StoredCommand[]>;
  readonly close: () => void;
  /** Resolves when the browser takes it away: `newer` to give it to a newer version. */
  readonly whenLost: Promise<'newer' | 'unavailable'>;
};
