import type { AggregateDefinition } from '@weft/client/protocol';
import { LRUCache } from 'lru-cache';
import type { EventStore, Revision, StreamName } from '../event-store/eventStore.ts';
import { toStreamName } from '../event-store/streamName.ts';
import {
  type AggregateFold,
  continueFold,
  createEmptyFold,
  type FoldedState,
  nextRevision,
} from './aggregateFold.ts';

/** Names one aggregate of a known type. */
export type AggregateRef = { readonly definition: AggregateDefinition; readonly id: string };

/** Reads aggregates from their streams. Folds are kept and continued, never begun anew while they are kept. */
export type AggregateRepository = {
  /** The aggregate as the store has it now. */
  load(ref: AggregateRef): Promise<AggregateFold>;
  /**
   * The state that an event led to, or undefined where the history no longer holds it. The store is asked only where
   * the fold does not have it.
   */
  loadAt(ref: AggregateRef, fold: AggregateFold, revision: Revision): Promise<FoldedState | undefined>;
};

const MAX_CACHED_FOLDS = 2_000;

export function createAggregateRepository(store: EventStore): AggregateRepository {
  const folds = new LRUCache<StreamName, AggregateFold>({ max: MAX_CACHED_FOLDS });

  async function load({ definition, id }: AggregateRef): Promise<AggregateFold> {
    const stream = toStreamName(definition.name, id);
    const known = folds.get(stream) ?? createEmptyFold();
    const read = await store.readStream(stream, { from: nextRevision(known) });
    if (read.outcome !== 'read') return createEmptyFold();
    const fold = continueFold(definition, known, read.events);
    folds.set(stream, fold);
    return fold;
  }

  const loadAt: AggregateRepository['loadAt'] = async (ref, fold, revision) => {
    const recent = fold.recent.find(({ event }) => event.revision === revision);
    if (recent) return recent;
    const read = await store.readStream(toStreamName(ref.definition.name, ref.id), {
      limit: Number(revision) + 1,
    });
    if (read.outcome !== 'read' || read.events[0]?.revision !== 0n) return undefined;
    return continueFold(ref.definition, createEmptyFold(), read.events).recent.at(-1);
  };

  return { load, loadAt };
}
