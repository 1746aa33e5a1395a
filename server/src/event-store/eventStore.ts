import type { User } from '@weft/client/protocol';

/** `note-<id>` for fields, `note.<text field>-<id>` for texts. The part before the first `-` is the category. */
export type StreamName = string & { readonly brand: 'StreamName' };

/** 0-based place of an event in its stream. Never reused, also not after truncation. */
export type Revision = bigint;

/** Place of an event in the whole store; grows with every event, with gaps allowed. */
export type Position = bigint;

/** What must be true of the stream for an append to happen. */
export type ExpectedRevision = Revision | 'any' | 'no-stream' | 'stream-exists';

/** A value that JSON can carry unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Kept beside an event's data. Further keys belong to the event's type. */
export type EventMetadata = {
  /** When the event was decided, ISO 8601. */
  readonly at: string;
  readonly user: User;
  readonly schemaVersion: number;
  readonly idempotencyKey?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly [key: string]: Json | undefined;
};

export type EventData =
  { readonly format: 'json'; readonly data: Json } | { readonly format: 'bytes'; readonly data: Uint8Array };

export type NewEvent = EventData & {
  /** A UUID. An append whose ids are all stored already, in this order, is a repeat and succeeds unchanged. */
  readonly id: string;
  readonly type: string;
  readonly metadata: EventMetadata;
};

export type StoredEvent = NewEvent & {
  readonly stream: StreamName;
  readonly revision: Revision;
  readonly position: Position;
};

export type AppendResult =
  | {
      readonly outcome: 'appended';
      readonly firstRevision: Revision;
      readonly lastRevision: Revision;
      /** Of the last event. */
      readonly position: Position;
      /** Whether these very events had been stored by an earlier append. */
      readonly repeated: boolean;
    }
  | { readonly outcome: 'wrong-expected-revision'; readonly actual: Revision | 'no-stream' }
  | { readonly outcome: 'tombstoned' };

export type ReadStreamOptions = {
  /** First revision to read, inclusive. Default: the first (forwards) or the last (backwards). */
  readonly from?: Revision;
  /** Default: `'forwards'`. */
  readonly direction?: 'forwards' | 'backwards';
  /** Most events to return. Default: all. */
  readonly limit?: number;
};

export type ReadStreamResult =
  | {
      readonly outcome: 'read';
      readonly events: readonly StoredEvent[];
      /** The newest revision that the stream ever had, also where its event is truncated. */
      readonly lastRevision: Revision;
    }
  | { readonly outcome: 'no-stream' }
  | { readonly outcome: 'tombstoned' };

/** Chooses streams by category, so that a reader of fields is not fed texts. Default: every stream. */
export type StreamFilter = { readonly categories: readonly string[] };

export type ReadAllOptions = {
  /** Position after which to read. Default: the beginning. */
  readonly after?: Position;
  readonly filter?: StreamFilter;
  /** Most events to return. Default: 1,000. */
  readonly limit?: number;
};

export type SubscriptionHandlers = {
  /**
   * Called once per event, in order, without gap or repeat; the next call waits for the returned promise.
   * A handler that throws ends the subscription through `onError`.
   */
  readonly onEvent: (event: StoredEvent) => void | Promise<void>;
  /** Called once, when everything that was stored at the time of subscribing has been delivered. */
  readonly onCaughtUp?: () => void;
  /** Called at most once, when the subscription ended by itself; `stop` ends it silently. */
  readonly onError: (error: Error) => void;
};

export type Subscription = {
  /** No handler is called after it returns. Idempotent. */
  readonly stop: () => void;
};

/**
 * Where every event is kept. Whoever creates a store closes it.
 *
 * Expected outcomes are values; a promise rejects with `EventStoreError` only where the store itself fails, and then
 * the outcome of an append is unknown: repeat it with the same event ids.
 */
export interface EventStore {
  /**
   * Atomic, and durable when it resolves. Of no events, or with one id twice: `RangeError`. The ids of truncated
   * events are forgotten, so that repeating such an append stores it anew.
   */
  append(
    stream: StreamName,
    events: readonly NewEvent[],
    expectedRevision: ExpectedRevision,
  ): Promise<AppendResult>;

  readStream(stream: StreamName, options?: ReadStreamOptions): Promise<ReadStreamResult>;

  /** The event of a stream that has this id; `undefined` where the stream does not hold it, or no longer. */
  findEvent(stream: StreamName, id: string): Promise<StoredEvent | undefined>;

  /** Events of all streams, in order of position. Truncated and tombstoned ones are left out. */
  readAll(options?: ReadAllOptions): Promise<readonly StoredEvent[]>;

  /** Delivers what is stored after the revision (`undefined`: from the start), then what is appended from then on. */
  subscribeToStream(
    stream: StreamName,
    after: Revision | undefined,
    handlers: SubscriptionHandlers,
  ): Subscription;

  /** The same for all streams, or for those of a filter, after a position (`undefined`: from the start). */
  subscribeToAll(
    options: { readonly after?: Position; readonly filter?: StreamFilter },
    handlers: SubscriptionHandlers,
  ): Subscription;

  /** Forgets the events before a revision. The numbering goes on; `'no-stream'` stays wrong for such a stream. */
  truncateBefore(stream: StreamName, revision: Revision): Promise<void>;

  /**
   * Ends a stream for good: its events are gone, every append answers `tombstoned`, and to a subscription it is
   * empty. Idempotent.
   */
  tombstone(stream: StreamName): Promise<void>;

  /**
   * Waits for what was accepted, then releases everything. Later calls reject, and subscriptions end through
   * `onError`. Idempotent.
   */
  close(): Promise<void>;
}
