import type { AggregateDefinition } from '@weft/client/protocol';
import type { EventStore, NewEvent, Revision } from '../event-store/eventStore.ts';
import type { Logger } from '../lifecycle/logger.ts';
import { type AggregateFold, MILESTONE_DISTANCE } from './aggregateFold.ts';
import { type AggregateRef, toStreamOf } from './aggregateRef.ts';
import {
  fromSnapshotTaken,
  type StateSnapshot,
  toDefinitionHash,
  toSnapshotId,
  toSnapshotStream,
  toSnapshotTaken,
} from './stateSnapshot.ts';

/** States kept in side streams, so that long histories need not be folded from their beginning. */
export type StateSnapshots = {
  /**
   * Snapshots of this definition at or before a revision, newest first. Not all of them: the steps between two grow, so
   * that little is asked for where many are missing.
   */
  findBefore(ref: AggregateRef, revision: Revision): AsyncIterable<StateSnapshot>;
  /** Takes a snapshot where a fold came by a milestone since another; in the background, and none after `close`. */
  consider(ref: AggregateRef, before: AggregateFold, after: AggregateFold): void;
  /** Resolves when those under way have ended, well or not. */
  close(): Promise<void>;
};

export type StateSnapshotsOptions = { readonly store: EventStore; readonly logger: Logger };

export function createStateSnapshots({ store, logger }: StateSnapshotsOptions): StateSnapshots {
  /** By the snapshot's id. */
  const underWay = new Map<string, Promise<void>>();
  const hashes = new WeakMap<AggregateDefinition, string>();
  let isClosed = false;

  function hashOf(definition: AggregateDefinition): string {
    const hash = hashes.get(definition) ?? toDefinitionHash(definition);
    hashes.set(definition, hash);
    return hash;
  }

  async function* findBefore(ref: AggregateRef, revision: Revision): AsyncIterable<StateSnapshot> {
    const stream = toSnapshotStream(ref);
    for (const milestone of listMilestones(revision)) {
      const id = toSnapshotId(stream, milestone, hashOf(ref.definition));
      const stored = await store.findEvent(stream, id);
      if (stored) yield fromSnapshotTaken(stored);
    }
  }

  function consider(ref: AggregateRef, before: AggregateFold, { milestone }: AggregateFold): void {
    if (!milestone || milestone === before.milestone || isClosed) return;
    // So far on, only what lost its beginning is missing; a snapshot would make that look like the whole.
    if (milestone.state.status === 'missing') return;
    const snapshot = toSnapshotTaken(ref, milestone, hashOf(ref.definition));
    if (underWay.has(snapshot.id)) return;
    const storing = keep(ref, snapshot).finally(() => underWay.delete(snapshot.id));
    underWay.set(snapshot.id, storing);
  }

  /** One that fails harms nothing, and a tombstoned stream takes none: there is no history either. */
  async function keep(ref: AggregateRef, snapshot: NewEvent): Promise<void> {
    try {
      await store.append(toSnapshotStream(ref), [snapshot], 'any');
    } catch (err) {
      logger.warn({ err, stream: toStreamOf(ref) }, 'a state snapshot could not be stored');
    }
  }

  return {
    findBefore,
    consider,
    close: async () => {
      isClosed = true;
      await Promise.all(underWay.values());
    },
  };
}

/** The milestones at or before a revision, newest first, in steps that double. */
function* listMilestones(revision: Revision): Iterable<Revision> {
  const newest = ((revision + 1n) / MILESTONE_DISTANCE) * MILESTONE_DISTANCE - 1n;
  for (let milestone = newest, step = MILESTONE_DISTANCE; milestone > 0n; milestone -= step, step *= 2n) {
    yield milestone;
  }
}
