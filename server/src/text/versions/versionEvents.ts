import { type User, userSchema } from '@weft/client/protocol';
import { z } from 'zod';
import type { NewEvent, Revision, StoredEvent } from '../../event-store/eventStore.ts';
import { splitIntoParts } from '../stored/eventParts.ts';
import { MAX_VERSION_NAME_LENGTH } from './versionName.ts';

/**
 * The events of versions. A header (JSON) says of what version which contents are; contents are bytes, in parts. They
 * are in streams of their own, so that listing versions reads none of them.
 */
const VERSION_EVENT_TYPES = { taken: 'TextVersionTaken', contentKept: 'TextVersionContentKept' } as const;

const VERSION_SCHEMA_VERSION = 1;

/** Named versions are taken by people and kept; automatic ones are taken by the server, and the newest are kept. */
export type VersionKind = 'named' | 'automatic';

export type VersionHeader = {
  /** A UUID. */
  readonly id: string;
  readonly kind: VersionKind;
  /** Of a named one. */
  readonly name: string | undefined;
  /** When it was taken, ISO 8601. */
  readonly at: string;
  /** Who took it; of an automatic one, who typed since the automatic one before. */
  readonly by: readonly User[];
  /** UTF-16 code units of the text as plain text. */
  readonly length: number;
  /** Bytes that its content takes. */
  readonly bytes: number;
  /** Of the text. Undefined for a text never touched. */
  readonly revision: Revision | undefined;
};

/** Where a version's content is: so many events from a revision on. */
export type ContentPlace = { readonly first: Revision; readonly parts: number };

/** A header with what only the store of versions needs. */
export type StoredHeader = VersionHeader & {
  readonly content: ContentPlace;
  /** The same for the same content. */
  readonly digest: string;
  /** Of the text: a version of another epoch is one of a text that is no more. */
  readonly epoch: string;
};

const revisionSchema = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform((digits) => BigInt(digits));

const takenSchema = z.object({
  kind: z.enum(['named', 'automatic']),
  name: z.string().max(MAX_VERSION_NAME_LENGTH).optional(),
  by: z.array(userSchema),
  length: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  revision: revisionSchema.optional(),
  epoch: z.string(),
  digest: z.string(),
  content: z.object({ first: revisionSchema, parts: z.int().positive() }),
});

/** `user` is who the event is by. */
export function toVersionTaken(header: StoredHeader, user: User): NewEvent {
  const { id, at, kind, name, by, length, bytes, revision, epoch, digest, content } = header;
  return {
    id,
    type: VERSION_EVENT_TYPES.taken,
    format: 'json',
    data: {
      kind,
      ...(name !== undefined && { name }),
      by: by.map((person) => ({ ...person })),
      length,
      bytes,
      ...(revision !== undefined && { revision: String(revision) }),
      epoch,
      digest,
      content: { first: String(content.first), parts: content.parts },
    },
    metadata: { at, user, schemaVersion: VERSION_SCHEMA_VERSION },
  };
}

/** Throws where it cannot be understood: leaving it out would make another version the newest. */
export function fromVersionTaken({ id, stream, type, data, metadata }: StoredEvent): StoredHeader {
  if (type !== VERSION_EVENT_TYPES.taken || metadata.schemaVersion !== VERSION_SCHEMA_VERSION) {
    throw new Error(`${stream} holds a ${type} of schema version ${metadata.schemaVersion}, not known here`);
  }
  const { name, revision, ...taken } = takenSchema.parse(data);
  return { ...taken, id, at: metadata.at, name, revision };
}

export type NewContent = {
  readonly bytes: Uint8Array;
  /** ISO 8601. */
  readonly at: string;
  readonly user: User;
  readonly createId: () => string;
};

/** The events of a content, each small enough to be appended on its own; there is at least one. */
export function toContentKept({ bytes, at, user, createId }: NewContent): readonly NewEvent[] {
  const parts = splitIntoParts(bytes);
  const ids = parts.map(createId);
  const [id = ''] = ids;
  return parts.map((data, part) => ({
    id: ids[part] ?? '',
    type: VERSION_EVENT_TYPES.contentKept,
    format: 'bytes',
    data,
    metadata: {
      at,
      user,
      schemaVersion: VERSION_SCHEMA_VERSION,
      ...(parts.length > 1 && { part: { id, part, parts: parts.length } }),
    },
  }));
}

/** Throws where it is none that is known here. */
export function fromContentKept(event: StoredEvent): Uint8Array {
  const { stream, type, metadata } = event;
  const isKnown =
    type === VERSION_EVENT_TYPES.contentKept && metadata.schemaVersion === VERSION_SCHEMA_VERSION;
  if (!isKnown || event.format !== 'bytes') {
    throw new Error(`${stream} holds a ${type} of schema version ${metadata.schemaVersion}, not known here`);
  }
  return event.data;
}
