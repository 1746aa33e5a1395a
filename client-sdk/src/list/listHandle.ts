import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { User } from '../../protocol/user.ts';

/** An aggregate in a list: its fields, and by whom and when (ISO 8601) it was last changed. */
export type ListItem<Definition extends AggregateDefinition> = {
  readonly id: string;
  readonly fields: Readonly<FieldsOf<Definition>>;
  readonly token: ConsistencyToken;
  readonly by: User;
  readonly at: string;
};

/** `loading` until the server has answered; `items` are there from then on, newest change first. Immutable. */
export type ListState<Definition extends AggregateDefinition> = {
  readonly status: 'loading' | 'ready';
  readonly items: readonly ListItem<Definition>[];
};

/** The existing aggregates of one type, as the server has them; at most the 1,000 that were changed last. */
export type ListHandle<Definition extends AggregateDefinition> = AsyncDisposable & {
  /** The same object until something changes. */
  peek(): ListState<Definition>;
  /** Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
  /** Waits for the server's answer. `signal` ends the wait alone; the promise rejects with its reason. */
  whenReady(options?: { readonly signal?: AbortSignal | undefined }): Promise<ListState<Definition>>;
  /** Idempotent. */
  close(): void;
};
