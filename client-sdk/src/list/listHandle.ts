import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { User } from '../../protocol/user.ts';

/**
 * An aggregate in a list: its fields, with pending values over them, and by whom and when (ISO 8601) it was last changed.
 * `token`, `by` and `at` are of what the server has; undefined for what it has not got yet.
 */
export type ListItem<Definition extends AggregateDefinition> = {
  readonly id: string;
  readonly fields: Readonly<FieldsOf<Definition>>;
  readonly token: ConsistencyToken | undefined;
  readonly by: User | undefined;
  readonly at: string | undefined;
  /** How many of this client's conflicts wait for a decision; absent where none does. */
  readonly conflicts?: number;
};

/**
 * A list at one moment. Immutable; an item that did not change is the same object.
 *
 * - `status` is `loading` until the server has answered, or the device knew what it answered last; until then `items` are
 *   those that this client creates.
 * - `freshness` is `live` while every change of the server arrives, and `cached` otherwise: after a restart, and offline.
 * - `items` begin with what the server has not got yet; then newest change first.
 */
export type ListState<Definition extends AggregateDefinition> = {
  readonly status: 'loading' | 'ready';
  readonly freshness: 'cached' | 'live';
  readonly items: readonly ListItem<Definition>[];
};

/** The existing aggregates of one type, with one's own pending commands over them; at most the 1,000 changed last. */
export type ListHandle<Definition extends AggregateDefinition> = AsyncDisposable & {
  /** The same object until something changes. */
  peek(): ListState<Definition>;
  /** Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
  /** Waits until it is `ready`, also with what the device knew. `signal` ends the wait alone; the promise rejects with its reason. */
  whenReady(options?: { readonly signal?: AbortSignal | undefined }): Promise<ListState<Definition>>;
  /** Idempotent. */
  close(): void;
};
