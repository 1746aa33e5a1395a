import { LRUCache } from 'lru-cache';
import type { EventStore, Revision, StreamName } from '../event-store/eventStore.ts';
import type { Logger } from '../lifecycle/logger.ts';
import {
  type AggregateFold,
  type AppendedEvent,
  continueFold,
  type FoldedState,
  nextRevision,
  toFoldSize,
} from './aggregateFold.ts';
import { createAggregateHistory } from './aggregateHistory.ts';
import { type AggregateRef, toStreamOf } from './aggregateRef.ts';
import { createSharedReads } from './sharedReads.ts';
import { createStateSnapshots } from './stateSnapshots.ts';

/** Aggregates, folded from their streams. Folds are kept and continued, never begun anew while they are kept. */
export type AggregateRepository = {
  /** The aggregate as this process knows it: perhaps behind other processes. Reads the store where nothing is known. */
  peek(ref: AggregateRef): Promise<AggregateFold>;
  /** The aggregate as the store has it now. */
  load(ref: AggregateRef): Promise<AggregateFold>;
  /**
   * The state that an event led to, or undefined where the history no longer holds it. The store is asked only where
   * the fold does not have it.
   */
  loadAt(ref: AggregateRef, fold: AggregateFold, revision: Revision): Promise<FoldedState | undefined>;
  /** Continues a fold with what this process has just appended to it, and keeps it. */
  advance(ref: AggregateRef, fold: AggregateFold, events: readonly AppendedEvent[]): AggregateFold;
  /** Waits for snapshots under way; takes no more. What it read can still be asked for. */
  close(): Promise<void>;
};

export type AggregateRepositoryOptions = { readonly store: EventStore; readonly logger: Logger };

const MAX_CACHED_FOLDS = 2_000;
const MAX_CACHED_BYTES = 128 * 1024 * 1024;

export function createAggregateRepository({
  store,
  logger,
}: AggregateRepositoryOptions): AggregateRepository {
  const folds = new LRUCache<StreamName, AggregateFold>({
    max: MAX_CACHED_FOLDS,
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: toFoldSize,
  });
  const reads = createSharedReads<StreamName, AggregateFold>();
  const snapshots = createStateSnapshots({ store, logger });
  const history = createAggregateHistory(store, snapshots);

  async function read(ref: AggregateRef): Promise<AggregateFold> {
    const stream = toStreamOf(ref);
    const known = folds.get(stream);
    const continued = known && (await history.readOn(ref, known));
    if (continued) return keep(stream, continued);
    // What is kept is of a history that is gone: erased, or replaced by another.
    if (known && folds.peek(stream) === known) folds.delete(stream);
    return keep(stream, await history.read(ref));
  }

  /** Keeps a fold unless a newer one came first, and answers which is kept. */
  function keep(stream: StreamName, fold: AggregateFold): AggregateFold {
    const kept = folds.peek(stream);
    if (kept && nextRevision(kept) >= nextRevision(fold)) return kept;
    if (fold.point) folds.set(stream, fold);
    return fold;
  }

  const peek: AggregateRepository['peek'] = async (ref) => {
    const stream = toStreamOf(ref);
    return folds.get(stream) ?? reads.any(stream, () => read(ref));
  };

  const load: AggregateRepository['load'] = (ref) => reads.fresh(toStreamOf(ref), () => read(ref));

  const loadAt: AggregateRepository['loadAt'] = async (ref, fold, revision) => {
    const known =
      findState(fold, revision) ?? findState(await history.readUpTo(ref, revision, fold), revision);
    // No event leads there: what came before this one is gone, and with it the state.
    return known?.state.status === 'missing' ? undefined : known;
  };

  const advance: AggregateRepository['advance'] = (ref, fold, events) => {
    const next = continueFold(ref.definition, fold, events);
    keep(toStreamOf(ref), next);
    snapshots.consider(ref, fold, next);
    return next;
  };

  return { peek, load, loadAt, advance, close: () => snapshots.close() };
}

function findState(fold: AggregateFold | undefined, revision: Revision): FoldedState | undefined {
  return fold?.recent.findLast(({ event }) => event.revision === revision);
}
