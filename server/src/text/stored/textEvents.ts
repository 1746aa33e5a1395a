import { type User, userSchema } from '@weft/client/protocol';
import { z } from 'zod';
import type { Json, NewEvent, Revision, StoredEvent } from '../../event-store/eventStore.ts';
import { type EventPart, eventPartSchema, joinParts, type Piece, splitIntoParts } from './eventParts.ts';
import { encodeTextState, type TextState } from './textState.ts';

/**
 * The events of a text's stream, all of them bytes. What is too large for one event comes in parts, each an event of
 * the same type; it is there only once all of them are.
 *
 * - `TextUpdated`: everything that was typed in one tick: a Yjs update (first encoding) of each person, one after the
 *   other. They may depend on each other in any order; together they depend on nothing later.
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

/** Who takes snapshots, and automatic versions. */
export const SERVER_USER: User = { id: 'weft', name: 'Weft' };

const contributionsSchema = z.array(z.object({ user: userSchema, bytes: z.int().nonnegative() })).min(2);

const snapshotMetadataSchema = z.object({
  /** The newest event of the stream that is in the snapshot. */
  covers: z
    .string()
    .regex(/^\d{1,20}$/)
    .transform((digits) => BigInt(digits)),
});

/** What one person typed, as a Yjs update. */
export type Contribution = { readonly user: User; readonly update: Uint8Array };

/** What was stored as one, in one event or in parts. */
export type TextEvent = {
  /** Of the first part. */
  readonly firstRevision: Revision;
  /** Of the last part. */
  readonly revision: Revision;
} &
  /** One at least, each of another person. */
  (
    | { readonly kind: 'updated'; readonly contributions: readonly Contribution[] }
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

export type NewUpdate = TextEventOrigin & {
  /** One at least. */
  readonly contributions: readonly Contribution[];
};

/** More than one only where they are too large for one. */
export function toTextUpdated({ contributions, ...rest }: NewUpdate): NewEvent[] {
  const [first, ...others] = contributions;
  if (!first) throw new RangeError('somebody must have typed what is stored');
  const origin = { ...rest, type: TEXT_EVENT_TYPES.updated, user: first.user };
  if (others.length === 0) return toEvents({ ...origin, bytes: first.update });
  const bytes = Buffer.concat(contributions.map(({ update }) => update));
  const lengths = contributions.map(({ user: { id, name }, update }) => {
    return { user: { id, name }, bytes: update.byteLength };
  });
  return toEvents({ ...origin, bytes, metadata: { contributions: lengths } });
}

/** Where several people's are in one event, its metadata says whose is how long. */
function toContributions(
  { user, contributions }: StoredEvent['metadata'],
  bytes: Uint8Array,
): Contribution[] {
  if (contributions === undefined) return [{ user, update: bytes }];
  let end = 0;
  const all = contributionsSchema.parse(contributions).map((one) => {
    const start = end;
    end += one.bytes;
    return { user: one.user, update: bytes.subarray(start, end) };
  });
  if (end !== bytes.byteLength) throw new Error('an event does not hold what its metadata says');
  return all;
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
      return { kind: 'updated', contributions: toContributions(metadata, bytes) };
    case TEXT_EVENT_TYPES.snapshotTaken:
      return { kind: 'snapshot-taken', ...snapshotMetadataSchema.parse(metadata.snapshot), state: bytes };
    case TEXT_EVENT_TYPES.epochBegun:
      return { kind: 'epoch-begun', state: bytes };
  }
}
