import type * as Y from 'yjs';
import type { TextTarget } from '../connection/textTarget.ts';
import type { AggregateAddress } from '../fields/aggregateSubscription.ts';
import type { Report } from '../lifecycle/clientReport.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import type {
  StorageChange,
  StoredAggregate,
  StoredCommand,
  StoredConflict,
  StoredList,
  StoredOutcome,
} from './storedRecords.ts';
import type { TabLink } from './tabLink.ts';

/**
 * Where a client keeps what must outlive its page. `durable`: on the device. `memory`: until the page is left, because
 * there is none to begin with (`none`), it is still being opened (`opening`), the browser gives none (`unavailable`, such as
 * in a private window), it is `full`, it was written by a newer version of the SDK (`newer`), it was deleted while the page
 * was open (`deleted`), or it is somebody else's than the one who signed in (`other-person`).
 */
export type StorageCondition =
  | { readonly kind: 'durable' }
  | {
      readonly kind: 'memory';
      readonly reason: 'none' | 'opening' | 'unavailable' | 'full' | 'newer' | 'deleted' | 'other-person';
      readonly detail: string;
    };

/** A place to keep things. Given to one client, which opens and closes it. */
export type ClientStorage = {
  /** Never rejects: where the device has no room for it, everything is kept in memory, and the condition says why. */
  open(options: StorageOptions): Promise<OpenStorage>;
};

export type StorageOptions = {
  /** This page, unlike any other, also unlike itself after a reload. */
  readonly tab: string;
  readonly report: Report;
};

/**
 * An open storage. Reads see every write before them. Nothing rejects because of the device: what cannot be written stays
 * in memory, and what cannot be read is set aside and reported.
 */
export type OpenStorage = {
  readonly condition: Peekable<StorageCondition>;
  /** The other pages. */
  readonly tabs: TabLink;
  /** The id of the user whose storage this is; undefined until the first `claim`. */
  readonly owner: string | undefined;
  /** Makes it somebody's, unless it is another person's already. Answers whose it is then. */
  claim(userId: string): string | Promise<string>;
  /** Starts to write; in the order of the calls. */
  write(...changes: StorageChange[]): void;
  /** Resolves when everything written so far is on the device, or cannot be. */
  flush(): Promise<void>;
  /** What there is of one aggregate. */
  readAggregate(address: AggregateAddress): Promise<StoredAggregate>;
  readList(aggregate: string): Promise<StoredList | undefined>;
  /** Every command, by ascending order, in pieces that a page can take without stalling. */
  readCommands(): AsyncIterable<readonly StoredCommand[]>;
  /** Every conflict, likewise. */
  readConflicts(): AsyncIterable<readonly StoredConflict[]>;
  /** Outcomes that the application was not told of, by ascending order. */
  readOutcomes(): Promise<readonly StoredOutcome[]>;
  /** Texts with edits that were never saved. */
  readUnsavedTexts(): Promise<readonly TextTarget[]>;
  /** Makes the commands of a page that is gone this page's. Each is given to one page only. By ascending order. */
  adopt(tab: string): Promise<readonly StoredCommand[]>;
  readonly texts: TextStorage;
  /**
   * Lets go of a storage that is another person's: the commands with these keys, which this page had asked for, are taken
   * back out of it, and nothing more is read of it, written to it, told to its pages or heard from them. This page goes on
   * in memory.
   */
  disown(keys: readonly string[], detail: string): void;
  /** Resolves when everything is written and the device is let go. Idempotent. */
  close(): Promise<void>;
};

/** Copies of texts. */
export type TextStorage = {
  /**
   * Loads what there is into a document, and keeps every update of it from then on, also those that it had before.
   * Whoever opens a copy closes it. Updates are loaded with the copy as their origin.
   */
  open(target: TextTarget, doc: Y.Doc): TextCopy;
};

export type TextCopy = {
  /** Resolves when everything that was kept is in the document; with the epoch it was kept with. Never rejects. */
  readonly whenLoaded: Promise<{ readonly epoch: string | undefined; readonly isEmpty: boolean }>;
  /** Of the text that the copy is of, from now on. */
  keepEpoch(epoch: string): void;
  /** Resolves when everything so far is written, or cannot be. */
  flush(): Promise<void>;
  /** Forgets the copy and keeps nothing more. Closes it. */
  erase(): Promise<void>;
  /** Resolves when all is written. Idempotent. */
  close(): Promise<void>;
};
