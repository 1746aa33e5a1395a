import type {
  AggregateHandle,
  Client,
  ClientReport,
  SaveState,
  StorageCondition,
  TextHandle,
} from '@weft/client';
import type { memo } from './memo.ts';

type Memo = AggregateHandle<typeof memo>;

/** What the page has at hand for the tests. */
export type OfflinePage = {
  readonly weft: Client<[typeof memo]>;
  /** What became of commands, as the application was told. */
  readonly told: readonly ToldOutcome[];
  /** What kept the page busy since it was loaded. */
  readonly tasks: readonly TimedTask[];
  readonly reports: readonly ClientReport['kind'][];
  /** Opens the one memo, `m1`, and its text; the same ones from then on. */
  open(): { readonly memo: Memo; readonly text: TextHandle };
  /** Asks for a change and resolves, without waiting for the answer, to its idempotency key; only while offline. */
  change(patch: Parameters<Memo['change']>[0]): Promise<string>;
  /** Asks for many changes of titles, counted as `v1`, `v2` …; resolves when all are asked for. Only while offline. */
  changeMany(plan: ManyChanges): Promise<void>;
  /** Types at the end of the text, letter by letter. */
  type(text: string): void;
  show(): Shown;
};

export type ToldOutcome = {
  readonly key: string;
  readonly outcome: string;
  /** By the promise that was given for it, or by `onOutcome`. */
  readonly by: 'promise' | 'callback';
};

export type ManyChanges = {
  /** Of the memo that is open. */
  readonly ofOne: number;
  /** How many memos are created besides. */
  readonly others: number;
  /** Of each of them, its creation included. */
  readonly ofEachOther: number;
};

/** A task of 50 ms and more, or an event that took 16 ms and more from the key to what the page then showed. */
export type TimedTask = {
  readonly kind: 'longtask' | 'event';
  /** Since the page was loaded. */
  readonly startMs: number;
  readonly ms: number;
};

/** What a person sees. */
export type Shown = {
  readonly status: string;
  readonly freshness: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly pending: readonly string[];
  readonly conflicts: readonly {
    readonly field: string;
    readonly was: unknown;
    readonly is: unknown;
    readonly want: unknown;
  }[];
  readonly text: string;
  /** Of the whole client. */
  readonly saveState: SaveState;
  readonly storage: StorageCondition['kind'];
  readonly connection: string;
};
