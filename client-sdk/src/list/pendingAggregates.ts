import type { Overlay } from '../fields/overlay.ts';

/** What an aggregate shows while commands of it are on their way. */
export type PendingAggregate = { readonly id: string; readonly overlay: Overlay };

/** The aggregates of a client with commands on their way. */
export type PendingAggregates = {
  /** Those of a type, oldest first. */
  of(aggregate: string): readonly PendingAggregate[];
  /** Calls back when there may be others. Returns what ends it. */
  subscribe(listener: () => void): () => void;
};

export const NOTHING_PENDING: PendingAggregates = { of: () => [], subscribe: () => () => undefined };
