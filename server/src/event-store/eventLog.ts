import type { EncodedEvent, EncodedStoredEvent } from './encodedEvent.ts';
import type { AppendResult, ExpectedRevision, Position, Revision, StreamName } from './eventStore.ts';
import type { EventStoreError } from './eventStoreError.ts';

export type AppendRequest = {
  readonly stream: StreamName;
  /** At least one, no id twice. */
  readonly events: readonly EncodedEvent[];
  readonly expectedRevision: ExpectedRevision;
};

export type ReadStreamRequest = {
  readonly stream: StreamName;
  /** Inclusive. Default: the first (forwards) or the last (backwards). */
  readonly from: Revision | undefined;
  readonly direction: 'forwards' | 'backwards';
  readonly limit: number;
};

export type ReadAllRequest = {
  /** Exclusive. Default: the beginning. */
  readonly after: Position | undefined;
  /** Default: every stream. */
  readonly categories: readonly string[] | undefined;
  readonly limit: number;
};

export type FindEventRequest = { readonly stream: StreamName; readonly id: string };

export type EventPage = {
  readonly events: readonly EncodedStoredEvent[];
  /** Whether nothing was stored beyond this page when it was read. */
  readonly end: boolean;
};

export type StreamPage =
  | (EventPage & { readonly outcome: 'read'; readonly lastRevision: Revision })
  | { readonly outcome: 'no-stream' }
  | { readonly outcome: 'tombstoned' };

/**
 * Where one process keeps events: the part of a store that differs between memory and SQLite. Whoever creates it
 * gives it an `onAppended`, called with the events of every append in order of position, when they are durable.
 */
export type EventLog = {
  readonly append: (request: AppendRequest) => Promise<AppendResult>;
  /** At most a page's worth, whatever the limit. */
  readonly readStream: (request: ReadStreamRequest) => Promise<StreamPage>;
  readonly findEvent: (request: FindEventRequest) => Promise<EncodedStoredEvent | undefined>;
  /** At most a page's worth, whatever the limit. */
  readonly readAll: (request: ReadAllRequest) => Promise<EventPage>;
  readonly truncateBefore: (stream: StreamName, revision: Revision) => Promise<void>;
  readonly tombstone: (stream: StreamName) => Promise<void>;
  /** Resolves when the log broke down for good: no call succeeds any more. */
  readonly broken: Promise<EventStoreError>;
  /** Called once, when every other call is settled. */
  readonly close: () => Promise<void>;
};

export type OnAppended = (events: readonly EncodedStoredEvent[]) => void;
