import type { User } from '@weft/client/protocol';
import { z } from 'zod';
import type { NewEvent, Revision, StoredEvent } from '../event-store/eventStore.ts';

/**
 * The events of a text's stream, both of them bytes:
 *
 * - `TextUpdated`: a Yjs update (first encoding), everything that one person typed in one tick. The events of one
 *   append may depend on each other in any order; together they depend on nothing later.
 * - `TextSnapshotTaken`: one part of a Yjs update that holds the whole text as of a revision.
 */
export const TEXT_EVENT_TYPES = { updated: 'TextUpdated', snapshotTaken: 'TextSnapshotTaken' } as const;

export const TEXT_SCHEMA_VERSION = 1;

/** Below the 512 KiB that one event may take in every store. */
export const MAX_SNAPSHOT_PART_BYTES = 448 * 1024;

/** Who takes snapshots. */
const SERVER_USER: User = { id: 'weft', name: 'Weft' };

const revisionSchema = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform((digits) => BigInt(digits));

const snapshotMetadataSchema = z.object({
  /** The same for all parts. */
  id: z.string(),
  part: z.int().nonnegative(),
  parts: z.int().positive(),
  /** The newest event of the stream that is in the snapshot. */
  covers: revisionSchema,
  /** UTF-16 code units of the text. */
  length: z.int().nonnegative(),
});

export type SnapshotPart = z.infer<typeof snapshotMetadataSchema> & { readonly bytes: Uint8Array };

export type TextEvent =
  | { readonly kind: 'updated'; readonly update: Uint8Array }
  | { readonly kind: 'snapshot-part'; readonly part: SnapshotPart }
  | { readonly kind: 'unknown' };

export type NewTextUpdated = {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly user: User;
  readonly update: Uint8Array;
};

export function toTextUpdated({ id, at, user, update }: NewTextUpdated): NewEvent {
  const metadata = { at, user, schemaVersion: TEXT_SCHEMA_VERSION };
  return { id, type: TEXT_EVENT_TYPES.updated, format: 'bytes', data: update, metadata };
}

export type NewSnapshot = {
  readonly update: Uint8Array;
  readonly covers: Revision;
  /** UTF-16 code units of the text. */
  readonly length: number;
  /** ISO 8601. */
  readonly at: string;
  readonly createId: () => string;
};

/** The events of a snapshot, each small enough to be appended on its own. */
export function toTextSnapshotTaken({ update, covers, length, at, createId }: NewSnapshot): NewEvent[] {
  const id = createId();
  const parts = Math.ceil(update.byteLength / MAX_SNAPSHOT_PART_BYTES);
  return Array.from({ length: parts }, (_, part) => ({
    id: createId(),
    type: TEXT_EVENT_TYPES.snapshotTaken,
    format: 'bytes',
    data: update.subarray(part * MAX_SNAPSHOT_PART_BYTES, (part + 1) * MAX_SNAPSHOT_PART_BYTES),
    metadata: {
      at,
      user: SERVER_USER,
      schemaVersion: TEXT_SCHEMA_VERSION,
      snapshot: { id, part, parts, covers: String(covers), length },
    },
  }));
}

/** Throws where an event of a known type cannot be understood: leaving it out could lose text. */
export function toTextEvent(event: StoredEvent): TextEvent {
  if (!isKnownType(event.type)) return { kind: 'unknown' };
  const { schemaVersion, snapshot } = event.metadata;
  if (schemaVersion !== TEXT_SCHEMA_VERSION || event.format !== 'bytes') {
    throw new Error(
      `event ${event.revision} of ${event.stream} is a ${event.type} that is not understood here`,
    );
  }
  if (event.type === TEXT_EVENT_TYPES.updated) return { kind: 'updated', update: event.data };
  return { kind: 'snapshot-part', part: { ...snapshotMetadataSchema.parse(snapshot), bytes: event.data } };
}

function isKnownType(type: string): boolean {
  return Object.values<string>(TEXT_EVENT_TYPES).includes(type);
}
