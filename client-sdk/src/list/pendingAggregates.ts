import type { Overlay } from '../fields/overlay.ts';

/** What an aggregate shows while commands of it are on their way, or conflicts wait for a decision. */
export type PendingAggregate = {
  readonly id: string;
  readonly overlay: Overlay;
  /** How many wait for a decision. */
  readonly conflicts: number;
};

/** The aggregates of a client with commands on their way, or conflicts. */
export type PendingAggregates = {
  /** Those of a type, oldest first. */
  of(aggregate: string): readonly PendingAggregate[];
  /** Calls back when there may be others. Returns what ends it. */
  subscribe(listener: () => void): () => void;
};

export const NOTHING_PENDING: PendingAggregates = { of: () => [], subscribe: () => () => undefined };
