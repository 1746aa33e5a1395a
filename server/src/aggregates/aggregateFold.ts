import type { AggregateDefinition, ConsistencyToken } from '@weft/client/protocol';
import { type AggregateState, initialState } from '../domain/aggregateState.ts';
import { evolve } from '../domain/evolve.ts';
import type { Revision, StoredEvent } from '../event-store/eventStore.ts';
import { fromStoredEvent } from './aggregateCodec.ts';
import { type StatePoint, toToken } from './aggregateToken.ts';

/** A stored event as whoever appended it knows it: its position is the store's alone. */
export type AppendedEvent = Omit<StoredEvent, 'position'>;

/** The newest state that a fold has come by, with its token: most writers send just that. */
export type FoldPoint = StatePoint & { readonly token: ConsistencyToken };

/** A state with the event that led to it. */
export type FoldedState = { readonly state: AggregateState; readonly event: AppendedEvent };

/** An aggregate folded up to its newest known event, with the last states before it. */
export type AggregateFold = {
  readonly state: AggregateState;
  /** Undefined where the stream holds nothing. */
  readonly point: FoldPoint | undefined;
  /** The newest states, oldest first and none left out: most writers' tokens are among them. */
  readonly recent: readonly FoldedState[];
  /** The newest of the states that a snapshot is taken of; undefined where the fold has not come by one. */
  readonly milestone: FoldedState | undefined;
};

const MAX_RECENT_STATES = 64;

/** Every how many events there is a milestone. The same for every process, so that they take the same snapshots. */
export const MILESTONE_DISTANCE = 500n;

export function createEmptyFold(): AggregateFold {
  return { state: initialState, point: undefined, recent: [], milestone: undefined };
}

/** A fold that goes on from a milestone. */
export function startFoldAt(milestone: FoldedState): AggregateFold {
  const { state, event } = milestone;
  return { state, point: toPoint(event), recent: [milestone], milestone };
}

/** Continues a fold with the events after it. */
export function continueFold(
  definition: AggregateDefinition,
  fold: AggregateFold,
  events: readonly AppendedEvent[],
): AggregateFold {
  const newest = events.at(-1);
  if (!newest) return fold;
  let { state, milestone } = fold;
  // Copied once and no longer than it has to be: this runs on every write.
  const recent = fold.recent.slice(Math.max(0, fold.recent.length + events.length - MAX_RECENT_STATES));
  const firstRecent = events.length - MAX_RECENT_STATES;
  for (const [index, event] of events.entries()) {
    const touch = { by: event.metadata.user, at: event.metadata.at };
    state = evolve(definition, state, { event: fromStoredEvent(definition, event), touch });
    const folded = { state, event };
    if (index >= firstRecent) recent.push(folded);
    if (isMilestone(event.revision)) milestone = folded;
  }
  return { state, point: toPoint(newest), recent, milestone };
}

/** The first revision that a fold has not seen. */
export function nextRevision(fold: AggregateFold): Revision {
  return fold.point === undefined ? 0n : fold.point.revision + 1n;
}

function isMilestone(revision: Revision): boolean {
  return (revision + 1n) % MILESTONE_DISTANCE === 0n;
}

function toPoint({ stream, revision, id }: AppendedEvent): FoldPoint {
  const point = { revision, eventId: id };
  return { ...point, token: toToken(stream, point) };
}
