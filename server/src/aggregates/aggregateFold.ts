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
export type FoldedState = {
  readonly state: AggregateState;
  readonly event: AppendedEvent;
  /** About what keeping it takes beside the state before, with which it shares the values that did not change. */
  readonly bytes: number;
};

/** An aggregate folded up to its newest known event, with the last states before it. */
export type AggregateFold = {
  readonly state: AggregateState;
  /** Undefined where the stream holds nothing. */
  readonly point: FoldPoint | undefined;
  /**
   * The newest states, oldest first and none left out, as many as fit: most writers' tokens are among them. The newest
   * one is always there.
   */
  readonly recent: readonly FoldedState[];
  /** The newest of the states that a snapshot is taken of; undefined where the fold has not come by one. */
  readonly milestone: FoldedState | undefined;
};

const MAX_RECENT_STATES = 64;

/** Of the recent states together; a single one may be larger. */
const MAX_RECENT_BYTES = 256 * 1024;

/** Every how many events there is a milestone. The same for every process, so that they take the same snapshots. */
export const MILESTONE_DISTANCE = 500n;

export function createEmptyFold(): AggregateFold {
  return { state: initialState, point: undefined, recent: [], milestone: undefined };
}

/** A fold that goes on from a milestone. */
export function startFoldAt({ state, event }: Pick<FoldedState, 'state' | 'event'>): AggregateFold {
  const milestone = { state, event, bytes: JSON.stringify(state).length };
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
  const recent = [...fold.recent];
  for (const event of events) {
    const touch = { by: event.metadata.user, at: event.metadata.at };
    state = evolve(definition, state, { event: fromStoredEvent(definition, event), touch });
    const folded = { state, event, bytes: toSize(event) };
    recent.push(folded);
    if (recent.length > 2 * MAX_RECENT_STATES) recent.splice(0, MAX_RECENT_STATES);
    if (isMilestone(event.revision)) milestone = folded;
  }
  return { state, point: toPoint(newest), recent: takeWhatFits(recent), milestone };
}

/** About what keeping a fold takes, in bytes. */
export function toFoldSize({ recent, milestone }: AggregateFold): number {
  return recent.reduce((sum, { bytes }) => sum + bytes, milestone?.bytes ?? 0);
}

/** The newest of them. */
function takeWhatFits(recent: readonly FoldedState[]): readonly FoldedState[] {
  let first = recent.length - 1;
  let bytes = recent[first]?.bytes ?? 0;
  while (first > 0 && recent.length - first < MAX_RECENT_STATES) {
    bytes += recent[first - 1]?.bytes ?? 0;
    if (bytes > MAX_RECENT_BYTES) break;
    first -= 1;
  }
  return first <= 0 ? recent : recent.slice(first);
}

function toSize({ data, metadata }: AppendedEvent): number {
  return JSON.stringify(data).length + JSON.stringify(metadata).length;
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
