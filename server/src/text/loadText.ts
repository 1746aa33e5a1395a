import type { EventStore, Revision, StoredEvent, StreamName } from '../event-store/eventStore.ts';
import { mergeInTiers } from './mergeInTiers.ts';
import { type SnapshotPart, toTextEvent } from './textEvents.ts';

/** A text as it is stored. */
export type LoadedText = {
  /** Everything, as one update. */
  readonly update: Uint8Array;
  /** Of the newest event that changed the text; a snapshot changes nothing. Undefined for a text never touched. */
  readonly revision: Revision | undefined;
  /** What came after the newest snapshot. */
  readonly sinceSnapshot: { readonly updates: number; readonly bytes: number };
};

export type LoadResult =
  { readonly outcome: 'loaded'; readonly text: LoadedText } | { readonly outcome: 'tombstoned' };

type StoredUpdate = { readonly revision: Revision; readonly update: Uint8Array };

type Snapshot = { readonly covers: Revision; readonly update: Uint8Array };

/** Rejects where the store fails or holds what is not understood. */
export async function loadText(store: EventStore, stream: StreamName): Promise<LoadResult> {
  const read = await store.readStream(stream);
  if (read.outcome === 'tombstoned') return read;
  return { outcome: 'loaded', text: assemble(read.outcome === 'read' ? read.events : []) };
}

/**
 * The newest complete snapshot and the updates that it does not cover. What is left out is in the snapshot; what two
 * of them share does no harm, since merging is idempotent.
 */
function assemble(events: readonly StoredEvent[]): LoadedText {
  const { updates, parts } = takeApart(events);
  const snapshot = findNewestSnapshot(parts);
  const covered = snapshot?.covers ?? -1n;
  const later = updates.filter(({ revision }) => revision > covered);
  const pieces = [];
  if (snapshot) pieces.push(snapshot.update);
  if (later.length > 0) pieces.push(mergeInTiers(later.map(({ update }) => update)));
  return {
    update: mergeInTiers(pieces),
    revision: later.at(-1)?.revision ?? snapshot?.covers,
    sinceSnapshot: {
      updates: later.length,
      bytes: later.reduce((sum, { update }) => sum + update.byteLength, 0),
    },
  };
}

function takeApart(events: readonly StoredEvent[]): { updates: StoredUpdate[]; parts: SnapshotPart[] } {
  const updates: StoredUpdate[] = [];
  const parts: SnapshotPart[] = [];
  for (const stored of events) {
    const event = toTextEvent(stored);
    if (event.kind === 'updated') updates.push({ revision: stored.revision, update: event.update });
    else if (event.kind === 'snapshot-part') parts.push(event.part);
  }
  return { updates, parts };
}

/** A snapshot whose parts are not all there was never finished, or is being truncated; it is as good as none. */
function findNewestSnapshot(parts: readonly SnapshotPart[]): Snapshot | undefined {
  let newest: Snapshot | undefined;
  for (const own of Map.groupBy(parts, ({ id }) => id).values()) {
    const inOrder = own.toSorted((one, other) => one.part - other.part);
    const first = own[0];
    if (!first || !inOrder.every(({ part }, index) => part === index) || own.length !== first.parts) continue;
    if (newest && newest.covers >= first.covers) continue;
    newest = { covers: first.covers, update: Buffer.concat(inOrder.map(({ bytes }) => bytes)) };
  }
  return newest;
}
