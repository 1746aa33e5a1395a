import type { EventStore, ReadStreamResult, Revision } from '../event-store/eventStore.ts';
import {
  type AggregateFold,
  continueFold,
  createEmptyFold,
  nextRevision,
  startFoldAt,
} from './aggregateFold.ts';
import { type AggregateRef, toStreamOf } from './aggregateRef.ts';
import type { StateSnapshot } from './stateSnapshot.ts';
import type { StateSnapshots } from './stateSnapshots.ts';

/** An aggregate's stored events, folded page by page, so that a long history is never held whole. */
export type AggregateHistory = {
  /** All of it, by way of a snapshot where it is long. Of a stream that is not there or was erased: the empty fold. */
  read(ref: AggregateRef): Promise<AggregateFold>;
  /** All that came after a fold; undefined where what is stored does not follow it. */
  readOn(ref: AggregateRef, fold: AggregateFold): Promise<AggregateFold | undefined>;
  /**
   * Up to a revision, or to the newest where that is older; undefined where what led there is gone. A fold that is
   * known already may spare a part.
   */
  readUpTo(ref: AggregateRef, revision: Revision, known: AggregateFold): Promise<AggregateFold | undefined>;
};

type Page = Extract<ReadStreamResult, { outcome: 'read' }>;

const PAGE_EVENTS = 500;

export function createAggregateHistory(store: EventStore, snapshots: StateSnapshots): AggregateHistory {
  /** Undefined where there is no stream, or none any more. */
  async function readPage(ref: AggregateRef, from: Revision, upTo?: Revision): Promise<Page | undefined> {
    const limit = upTo === undefined ? PAGE_EVENTS : Math.min(PAGE_EVENTS, Number(upTo - from) + 1);
    const page = await store.readStream(toStreamOf(ref), { from, limit });
    return page.outcome === 'read' ? page : undefined;
  }

  async function foldOn(
    ref: AggregateRef,
    known: AggregateFold,
    upTo?: Revision,
  ): Promise<AggregateFold | undefined> {
    let fold = known;
    let isRead = upTo !== undefined && isAt(fold, upTo);
    while (!isRead) {
      const page = await readPage(ref, nextRevision(fold), upTo);
      if (!page || !follows(page, fold)) return undefined;
      fold = continueFold(ref.definition, fold, page.events);
      isRead = isAt(fold, page.lastRevision) || (upTo !== undefined && isAt(fold, upTo));
    }
    return fold;
  }

  async function restore(
    ref: AggregateRef,
    { point, state }: StateSnapshot,
    upTo?: Revision,
  ): Promise<AggregateFold | undefined> {
    const page = await readPage(ref, point.revision, upTo);
    const event = page?.events[0];
    // The history may be another than the snapshot's: of a store that was restored from a backup and went on.
    if (!page || event?.revision !== point.revision || event.id !== point.eventId) return undefined;
    const begun = startFoldAt({ state, event });
    const fold = continueFold(ref.definition, begun, page.events.slice(1));
    return consider(ref, begun, isAt(fold, page.lastRevision) ? fold : await foldOn(ref, fold, upTo));
  }

  /** From the newest snapshot at or before a revision that is of this history. */
  async function readFromSnapshot(
    ref: AggregateRef,
    revision: Revision,
    upTo?: Revision,
  ): Promise<AggregateFold | undefined> {
    for await (const snapshot of snapshots.findBefore(ref, revision)) {
      const fold = await restore(ref, snapshot, upTo);
      if (fold) return fold;
    }
    return undefined;
  }

  async function read(ref: AggregateRef): Promise<AggregateFold> {
    const page = await readPage(ref, 0n);
    // Of what was truncated to nothing no snapshot is of use: the event that it was taken at is gone.
    if (!page || page.events.length === 0) return createEmptyFold();
    const restored = isWhole(page) ? undefined : await readFromSnapshot(ref, page.lastRevision);
    return restored ?? readFromStart(ref, page);
  }

  /** Where the beginning was truncated, the rest is folded all the same. */
  async function readFromStart(ref: AggregateRef, page: Page): Promise<AggregateFold> {
    const begun = continueFold(ref.definition, createEmptyFold(), page.events);
    const fold = await foldOn(ref, begun, isWhole(page) ? page.lastRevision : undefined);
    // Where nothing follows any more, the rest was truncated too meanwhile: then there is something else to read.
    return fold ? consider(ref, createEmptyFold(), fold) : read(ref);
  }

  async function readUpTo(
    ref: AggregateRef,
    revision: Revision,
    { milestone }: AggregateFold,
  ): Promise<AggregateFold | undefined> {
    if (milestone && milestone.event.revision <= revision)
      return foldOn(ref, startFoldAt(milestone), revision);
    const restored = await readFromSnapshot(ref, revision, revision);
    return restored ?? consider(ref, createEmptyFold(), await foldOn(ref, createEmptyFold(), revision));
  }

  /** Takes a snapshot where one is due. */
  function consider<Fold extends AggregateFold | undefined>(
    ref: AggregateRef,
    before: AggregateFold,
    after: Fold,
  ): Fold {
    if (after) snapshots.consider(ref, before, after);
    return after;
  }

  return {
    read,
    readOn: async (ref, fold) => consider(ref, fold, await foldOn(ref, fold)),
    readUpTo,
  };
}

function isWhole({ events, lastRevision }: Page): boolean {
  return events[0]?.revision === 0n && events.at(-1)?.revision === lastRevision;
}

/** Whether a page goes on where a fold ends: nothing between them is gone, and the fold is of nothing newer. */
function follows({ events, lastRevision }: Page, fold: AggregateFold): boolean {
  const first = events[0]?.revision ?? lastRevision + 1n;
  return first === nextRevision(fold);
}

function isAt(fold: AggregateFold, revision: Revision): boolean {
  return nextRevision(fold) > revision;
}
