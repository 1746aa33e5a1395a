import { hash } from 'node:crypto';
import type { AggregateDefinition } from '@weft/client/protocol';
import type { AggregateState } from '../domain/aggregateState.ts';
import type { Json, NewEvent, Revision, StreamName } from '../event-store/eventStore.ts';
import { toSideStreamName } from '../event-store/streamName.ts';
import { toUuid } from '../lifecycle/toUuid.ts';
import { AGGREGATE_SCHEMA_VERSION, toNoun } from './aggregateCodec.ts';
import type { FoldedState } from './aggregateFold.ts';
import type { AggregateRef } from './aggregateRef.ts';
import type { StatePoint } from './aggregateToken.ts';

/** Grows with every change of what folding makes of the same events; older snapshots are then not used. */
const FOLD_VERSION = 1;

/** A state as it was stored, with the event that it says led to it. */
export type StateSnapshot = { readonly point: StatePoint; readonly state: AggregateState };

type SnapshotData = {
  readonly revision: string;
  readonly eventId: string;
  readonly state: AggregateState;
  readonly definition: string;
};

/** Where an aggregate's snapshots are. */
export function toSnapshotStream({ definition, id }: AggregateRef): StreamName {
  return toSideStreamName(definition.name, 'snapshots', id);
}

/**
 * Tells definitions apart that may fold the same events to different states: by the initial values, by the events of
 * their own, and by the source of what those do. What such a function calls is beyond its source: a helper whose
 * results change needs another name.
 */
export function toDefinitionHash({ initial, events }: AggregateDefinition): string {
  const evolves = Object.entries(events).map(([type, { evolve }]) => [type, evolve.toString()]);
  return hash('sha256', JSON.stringify([FOLD_VERSION, initial, evolves]), 'base64url');
}

/** The id of the snapshot at a revision: the same in every process that has the same definition. */
export function toSnapshotId(stream: StreamName, revision: Revision, definition: string): string {
  return toUuid(`${stream}\0${revision}\0${definition}`);
}

/** Writes a state as `NoteSnapshotTaken { revision, eventId, state, definition }`. */
export function toSnapshotTaken(
  ref: AggregateRef,
  { state, event }: FoldedState,
  definition: string,
): NewEvent {
  const { user, at } = event.metadata;
  const data: SnapshotData = { revision: String(event.revision), eventId: event.id, state, definition };
  return {
    id: toSnapshotId(toSnapshotStream(ref), event.revision, definition),
    type: `${toNoun(ref.definition)}SnapshotTaken`,
    metadata: { at, user, schemaVersion: AGGREGATE_SCHEMA_VERSION },
    format: 'json',
    data: data as Json,
  };
}

export function fromSnapshotTaken(stored: Pick<NewEvent, 'data'>): StateSnapshot {
  const { revision, eventId, state } = stored.data as SnapshotData;
  return { point: { revision: BigInt(revision), eventId }, state };
}
