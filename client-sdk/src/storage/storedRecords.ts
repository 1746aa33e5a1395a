import type { Command } from '../../protocol/messages/up.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { AggregateAddress } from '../fields/aggregateSubscription.ts';
import type { ConfirmedState } from '../fields/confirmedState.ts';
import type { ConflictingWrite } from '../fields/conflicts.ts';
import type { TextTarget } from '../connection/textTarget.ts';
import type { ListedAggregate } from '../../protocol/messages/down.ts';
import type { CommandOutcome } from '../../protocol/outcome.ts';

/** A command that is not answered yet. Plain data. */
export type StoredCommand = AggregateAddress & {
  /** Its idempotency key. */
  readonly key: string;
  /** Commands of one aggregate are sent by ascending order; unique within a storage. */
  readonly order: number;
  /** The page that sends it. */
  readonly tab: string;
  readonly command: Command;
  /** Whole values of the fields that it sets, for display. */
  readonly values: Readonly<FieldValues>;
  /** The keys of the writes whose conflict it resolves. */
  readonly resolves: readonly string[] | undefined;
};

/** A write whose conflict nobody has decided yet; `order` is that of the command. */
export type StoredConflict = AggregateAddress & {
  /** The key of the write. */
  readonly conflict: string;
  readonly order: number;
  readonly write: ConflictingWrite;
};

/** What became of a command whose asker was gone by then, until the application was told. */
export type StoredOutcome = Omit<StoredCommand, 'tab' | 'resolves'> & { readonly outcome: CommandOutcome };

/** An aggregate as the server last told it. */
export type StoredState = AggregateAddress & {
  readonly state: Exclude<ConfirmedState, { status: 'loading' }>;
};

/** A list as the server last told it. */
export type StoredList = { readonly aggregate: string; readonly items: readonly ListedAggregate[] };

/** That a text has edits that were never saved, or none any more. */
export type TextMark = TextTarget & { readonly isUnsaved: boolean };

/** What a storage has of one aggregate; commands and conflicts by ascending order. */
export type StoredAggregate = {
  readonly state: StoredState['state'] | undefined;
  readonly commands: readonly StoredCommand[];
  readonly conflicts: readonly StoredConflict[];
};

/** One write. Those of one call are made together or not at all. */
export type StorageChange =
  | { readonly type: 'put-command'; readonly command: StoredCommand }
  | { readonly type: 'remove-command'; readonly key: string }
  | { readonly type: 'put-conflict'; readonly conflict: StoredConflict }
  | { readonly type: 'remove-conflict'; readonly conflict: string }
  | { readonly type: 'put-outcome'; readonly outcome: StoredOutcome }
  | { readonly type: 'remove-outcome'; readonly key: string }
  | { readonly type: 'put-state'; readonly state: StoredState }
  | { readonly type: 'put-list'; readonly list: StoredList }
  | { readonly type: 'mark-text'; readonly text: TextMark };
