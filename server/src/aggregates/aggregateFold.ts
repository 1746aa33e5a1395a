import type { AggregateDefinition } from '@weft/client/protocol';
import { type AggregateState, initialState } from '../domain/aggregateState.ts';
import { evolve } from '../domain/evolve.ts';
import type { Revision, StoredEvent } from '../event-store/eventStore.ts';
import { fromStoredEvent } from './aggregateCodec.ts';
import type { StatePoint } from './aggregateToken.ts';

/** A state with the event that led to it. */
export type FoldedState = { readonly state: AggregateState; readonly event: StoredEvent };

/** An aggregate folded up to its newest known event, with the last states before it. */
export type AggregateFold = {
  readonly state: AggregateState;
  /** Undefined where the stream holds nothing. */
  readonly point: StatePoint | undefined;
  /** The newest states, oldest first: most writers' tokens are among them. */
  readonly recent: readonly FoldedState[];
  /**
   * The revision of every event that a command with an idempotency key decided, by event id. One map serves a fold
   * and its continuations: what is true of an event stays true, so a map that knows more does no harm.
   */
  readonly decided: Map<string, Revision>;
};

const MAX_RECENT_STATES = 64;

export function createEmptyFold(): AggregateFold {
  return { state: initialState, point: undefined, recent: [], decided: new Map() };
}

/** Continues a fold with the events after it. */
export function continueFold(
  definition: AggregateDefinition,
  fold: AggregateFold,
  events: readonly StoredEvent[],
): AggregateFold {
  let { state, point } = fold;
  const recent = [...fold.recent];
  for (const event of events) {
    state = evolve(state, fromStoredEvent(definition, event), {
      by: event.metadata.user,
      at: event.metadata.at,
    });
    point = { revision: event.revision, eventId: event.id };
    if (event.metadata.idempotencyKey !== undefined) fold.decided.set(event.id, event.revision);
    recent.push({ state, event });
    if (recent.length > 2 * MAX_RECENT_STATES) recent.splice(0, MAX_RECENT_STATES);
  }
  return { state, point, recent: recent.slice(-MAX_RECENT_STATES), decided: fold.decided };
}

/** The first revision that a fold has not seen. */
export function nextRevision(fold: AggregateFold): Revision {
  return fold.point === undefined ? 0n : fold.point.revision + 1n;
}
