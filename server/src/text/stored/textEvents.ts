import type { User } from '@weft/client/protocol';
import { z } from 'zod';
import type { Json, NewEvent, Revision, StoredEvent } from '../../event-store/eventStore.ts';
import { type EventPart, eventPartSchema, joinParts, type Piece, splitIntoParts } from './eventParts.ts';
import { encodeTextState, type TextState } from './textState.ts';

/**
 * The events of a text's stream, all of them bytes. What is too large for one event comes in parts, each an event of
 * the same type; it is there only once all of them are.
 *
 * - `TextUpdated`: a Yjs update (first encoding), everything that one person typed in one tick. The events of one
 *   append may depend on each other in any order; together they depend on nothing later.
 * - `TextSnapshotTaken`: the whole text as of a revision.
 * - `TextEpochBegun`: what a new epoch begins with. Everything before its first part is void.
 */
export const TEXT_EVENT_TYPES = {
  updated: 'TextUpdated',
  snapshotTaken: 'TextSnapshotTaken',
  epochBegun: 'TextEpochBegun',
} as const;

type TextEventType = (typeof TEXT_EVENT_TYPES)[keyof typeof TEXT_EVENT_TYPES];

const SCHEMA_VERSIONS: Readonly<Record<TextEventType, number>> = {
  [TEXT_EVENT_TYPES.updated]: 1,
  // Version 1, which was never released, was a bare Yjs update.
  [TEXT_EVENT_TYPES.snapshotTaken]: 2,
  [TEXT_EVENT_TYPES.epochBegun]: 1,
};

/** Who takes snapshots. */
const SERVER_USER: User = { id: 'weft', name: 'Weft' };

const snapshotMetadataSchema = z.object({
  /** The newest event of the stream that is in the snapshot. */
  covers: z
    .string()
    .regex(/^\d{1,20}$/)
    .transform((digits) => BigInt(digits)),
});

/** What was stored as one, in one event or in parts. */
export type TextEvent = {
  /** Of the first part. */
  readonly firstRevision: Revision;
  /** Of the last part. */
  readonly revision: Revision;
} & (
  | { readonly kind: 'updated'; readonly user: User; readonly update: Uint8Array }
  /** `state` is an encoded `TextState`. */
  | { readonly kind: 'snapshot-taken'; readonly covers: Revision; readonly state: Uint8Array }
  | { readonly kind: 'epoch-begun'; readonly state: Uint8Array }
);

/** How the events of a text come to be. */
export type TextEventOrigin = {
  /** ISO 8601. */
  readonly at: string;
  /** Makes event ids: UUIDs. */
  readonly createId: () => string;
};

export type NewUpdate = TextEventOrigin & { readonly user: User; readonly update: Uint8Array };

/** More than one only where the update is too large for one. */
export function toTextUpdated({ update, ...rest }: NewUpdate): NewEvent[] {
  return toEvents({ ...rest, type: TEXT_EVENT_TYPES.updated, bytes: update });
}

export type NewSnapshot = TextEventOrigin & {
  readonly state: TextState;
  readonly covers: Revision;
  /** UTF-16 code units of the text. */
  readonly length: number;
};

export function toTextSnapshotTaken({ state, covers, length, ...rest }: NewSnapshot): NewEvent[] {
  return toEvents({
    ...rest,
    type: TEXT_EVENT_TYPES.snapshotTaken,
    user: SERVER_USER,
    bytes: encodeTextState(state),
    metadata: { snapshot: { covers: String(covers), length } },
  });
}

export type NewEpoch = TextEventOrigin & { readonly user: User; readonly state: TextState };

/** The state's epoch becomes the id of the first event. */
export function toTextEpochBegun({ state, ...rest }: NewEpoch): NewEvent[] {
  const bytes = encodeTextState(state);
  return toEvents({ ...rest, type: TEXT_EVENT_TYPES.epochBegun, bytes, firstId: state.epoch });
}

type EventsOfOneType = TextEventOrigin & {
  readonly type: TextEventType;
  readonly user: User;
  readonly bytes: Uint8Array;
  readonly metadata?: Readonly<Record<string, Json>>;
  readonly firstId?: string;
};

/** Events each small enough to be appended on its own. */
function toEvents({ type, user, bytes, at, createId, ...rest }: EventsOfOneType): NewEvent[] {
  const id = rest.firstId ?? createId();
  return splitIntoParts(bytes).map((data, part, { length: parts }) => ({
    id: part === 0 ? id : createId(),
    type,
    format: 'bytes',
    data,
    metadata: {
      at,
      user,
      schemaVersion: SCHEMA_VERSIONS[type],
      ...rest.metadata,
      ...(parts > 1 ? { part: { id, part, parts } } : {}),
    },
  }));
}

type TextPiece = Piece & { readonly type: TextEventType; readonly metadata: StoredEvent['metadata'] };

/**
 * What a stream holds, in the order in which it became complete. Events of other types are left out. Throws where one
 * of a known type cannot be understood: leaving it out could lose text.
 */
export function toTextEvents(events: readonly StoredEvent[]): TextEvent[] {
  const pieces = events.map(toPiece).filter((piece) => piece !== undefined);
  return joinParts(pieces).map(({ bytes, piece, firstRevision, revision }) => {
    return { firstRevision, revision, ...toContent(piece, bytes) };
  });
}

function isKnownType(type: string): type is TextEventType {
  return Object.hasOwn(SCHEMA_VERSIONS, type);
}

function toPiece(event: StoredEvent): TextPiece | undefined {
  const { type, revision, metadata } = event;
  if (!isKnownType(type)) return undefined;
  if (metadata.schemaVersion !== SCHEMA_VERSIONS[type] || event.format !== 'bytes') {
    throw new Error(`event ${revision} of ${event.stream} is a ${type} that is not understood here`);
  }
  return { type, revision, metadata, part: toPart(metadata.part), bytes: event.data };
}

function toPart(part: Json | undefined): EventPart | undefined {
  return part === undefined ? undefined : eventPartSchema.parse(part);
}

type TextEventContent<Event = TextEvent> = Event extends TextEvent
  ? Omit<Event, 'firstRevision' | 'revision'>
  : never;

function toContent({ type, metadata }: TextPiece, bytes: Uint8Array): TextEventContent {
  switch (type) {
    case TEXT_EVENT_TYPES.updated:
      return { kind: 'updated', user: metadata.user, update: bytes };
    case TEXT_EVENT_TYPES.snapshotTaken:
      return { kind: 'snapshot-taken', ...snapshotMetadataSchema.parse(metadata.snapshot), state: bytes };
    case TEXT_EVENT_TYPES.epochBegun:
      return { kind: 'epoch-begun', state: bytes };
  }
}
