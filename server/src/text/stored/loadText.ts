import type { EventStore, Revision, StreamName } from '../../event-store/eventStore.ts';
import { clientsOf } from '../update/clientsOf.ts';
import { EMPTY_UPDATE, mergeUpdates } from '../update/mergeUpdates.ts';
import { type Contribution, type TextEvent, toTextEvents } from './textEvents.ts';
import { decodeTextState, FIRST_EPOCH, type TextState } from './textState.ts';

/** A text as it is stored. */
export type LoadedText = TextState & {
  /**
   * Of the newest event that changed the text; a snapshot changes nothing, and an update in parts has the revision of
   * its last one. Undefined for a text never touched.
   */
  readonly revision: Revision | undefined;
  /** What came after the newest snapshot. */
  readonly sinceSnapshot: { readonly updates: number; readonly bytes: number };
};

export type LoadResult =
  | {
      readonly outcome: 'loaded';
      readonly text: LoadedText;
      /** Where the stream still holds what the epoch made void: before this revision. */
      readonly voidBefore?: Revision;
    }
  | { readonly outcome: 'tombstoned' };

export type LoadOptions = {
  /** Load the text as of this revision. */
  readonly until: Revision;
};

/** What led to the revision that was asked for is not kept any more, or is of an earlier epoch. */
export type Forgotten = { readonly outcome: 'forgotten' };

type Kind = TextEvent['kind'];
type Of<K extends Kind> = Extract<TextEvent, { readonly kind: K }>;

/** What a text is assembled from. */
type Base = TextState & { readonly covers: Revision | undefined };

type Assembled = { readonly outcome: 'loaded'; readonly text: LoadedText; readonly voidBefore?: Revision };

/** A stream from its first event that is not truncated. */
type Stored = {
  readonly events: readonly TextEvent[];
  readonly firstRevision: Revision;
};

/** A text that was never touched. */
export const EMPTY_TEXT: LoadedText = {
  epoch: FIRST_EPOCH,
  owners: new Map(),
  retired: new Set(),
  update: EMPTY_UPDATE,
  revision: undefined,
  sinceSnapshot: { updates: 0, bytes: 0 },
};

const EMPTY: Base = { ...EMPTY_TEXT, covers: undefined };

/** Times that a stream is read when it was truncated meanwhile. */
const MAX_READS = 3;

/** Rejects where the store fails or holds what is not understood. */
export function loadText(store: EventStore, stream: StreamName): Promise<LoadResult>;
export function loadText(
  store: EventStore,
  stream: StreamName,
  options: LoadOptions,
): Promise<LoadResult | Forgotten>;
export async function loadText(
  store: EventStore,
  stream: StreamName,
  options?: LoadOptions,
): Promise<LoadResult | Forgotten> {
  for (let reads = 0; reads < MAX_READS; reads++) {
    const read = await store.readStream(stream);
    if (read.outcome === 'tombstoned') return read;
    const events = read.outcome === 'read' ? read.events : [];
    const firstRevision = events[0]?.revision ?? (read.outcome === 'read' ? read.lastRevision + 1n : 0n);
    const assembled = assemble({ events: toTextEvents(events), firstRevision }, options?.until);
    if (assembled) return assembled;
    // A snapshot that was stored while the stream was read is not in what was read; what it covers is gone already.
  }
  if (options) return { outcome: 'forgotten' };
  throw new Error(`what the text of ${stream} began with is gone`);
}

/**
 * The newest snapshot, or what the epoch began with, and the updates that it does not cover. What is left out is in the
 * snapshot; what two of them share does no harm, since merging is idempotent. Undefined where what came before the
 * updates is missing.
 */
function assemble({ events, firstRevision }: Stored, until?: Revision): Assembled | Forgotten | undefined {
  const epoch = events.findLast((event) => event.kind === 'epoch-begun');
  if (epoch && until !== undefined && epoch.revision > until) return { outcome: 'forgotten' };
  const base = findBase(events, epoch, until);
  if (firstRevision > (base.covers ?? -1n) + 1n) return undefined;
  const isLater = isBetween(base.covers, until);
  const later = events.filter((event) => event.kind === 'updated').filter((event) => isLater(event.revision));
  const contributions = later.flatMap((event) => event.contributions);
  const text = {
    epoch: base.epoch,
    retired: base.retired,
    owners: addOwners(base.owners, contributions),
    update: merge(base, contributions),
    revision: later.at(-1)?.revision ?? base.covers,
    sinceSnapshot: {
      updates: later.length,
      bytes: contributions.reduce((sum, { update }) => sum + update.byteLength, 0),
    },
  };
  const isLeftOver = epoch && firstRevision < epoch.firstRevision;
  return { outcome: 'loaded', text, ...(isLeftOver ? { voidBefore: epoch.firstRevision } : {}) };
}

/** A snapshot of an earlier epoch is void, wherever it is. */
function findBase(
  events: readonly TextEvent[],
  epoch: Of<'epoch-begun'> | undefined,
  until: Revision | undefined,
): Base {
  const isFit = isBetween(epoch && epoch.revision - 1n, until);
  let newest: Of<'snapshot-taken'> | undefined;
  for (const event of events) {
    if (event.kind !== 'snapshot-taken' || !isFit(event.covers)) continue;
    if (!newest || event.covers > newest.covers) newest = event;
  }
  if (newest) return { ...toState(newest), covers: newest.covers };
  return epoch ? { ...toState(epoch), covers: epoch.revision } : EMPTY;
}

function toState({ kind, state, revision }: Of<'snapshot-taken' | 'epoch-begun'>): TextState {
  const decoded = decodeTextState(state);
  if (!decoded) throw new Error(`the state that event ${revision} (${kind}) holds is damaged`);
  return decoded;
}

function isBetween(after: Revision | undefined, until: Revision | undefined) {
  return (revision: Revision) =>
    (after === undefined || revision > after) && (until === undefined || revision <= until);
}

/** A client id belongs to the person whose content came under it first. */
function addOwners(
  known: ReadonlyMap<number, string>,
  contributions: readonly Contribution[],
): ReadonlyMap<number, string> {
  const owners = new Map(known);
  for (const { update, user } of contributions) {
    for (const client of clientsOf(update)) {
      if (!owners.has(client)) owners.set(client, user.id);
    }
  }
  return owners;
}

function merge(base: Base, contributions: readonly Contribution[]): Uint8Array {
  const updates = contributions.map(({ update }) => update);
  return mergeUpdates(base.covers === undefined ? updates : [base.update, ...updates]);
}

/** The text as it is; one that is gone for good reads as one never touched. Rejects as `loadText` does. */
export async function loadTextOrEmpty(store: EventStore, stream: StreamName): Promise<LoadedText> {
  const loaded = await loadText(store, stream);
  return loaded.outcome === 'loaded' ? loaded.text : EMPTY_TEXT;
}
