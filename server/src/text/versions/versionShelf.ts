import type { User } from '@weft/client/protocol';
import type { EventStore, NewEvent, Revision, StreamName } from '../../event-store/eventStore.ts';
import { toSideStreamName } from '../../event-store/streamName.ts';
import type { TextAddress } from '../textParticipant.ts';
import { decodeContent, type EncodedContent, type VersionContent } from './versionContent.ts';
import {
  type ContentPlace,
  fromContentKept,
  fromVersionTaken,
  type StoredHeader,
  toContentKept,
  toVersionTaken,
  type VersionKind,
} from './versionEvents.ts';

/** A header with its place among all that was stored: later ones are greater, on whichever shelf. */
export type PlacedHeader = StoredHeader & { readonly position: bigint };

/** A version to be kept. */
export type NewVersion = Omit<StoredHeader, 'kind' | 'bytes' | 'digest' | 'content'> & {
  readonly encoded: EncodedContent;
  /** Who the events are by. */
  readonly user: User;
};

/** The versions of one kind, of any text. Of one text, the caller keeps and forgets one after the other. */
export type VersionShelf = {
  /** Durable when it resolves. Rejects where the store fails; then there may be the version, whole, or none. */
  keep(address: TextAddress, version: NewVersion): Promise<PlacedHeader>;
  /** Oldest first. */
  list(address: TextAddress): Promise<readonly PlacedHeader[]>;
  newest(address: TextAddress): Promise<PlacedHeader | undefined>;
  find(address: TextAddress, id: string): Promise<PlacedHeader | undefined>;
  /** Undefined where it was forgotten. Rejects where it is damaged. */
  readContent(address: TextAddress, header: StoredHeader): Promise<VersionContent | undefined>;
  /** Leaves the newest, and forgets the others. */
  leaveNewest(address: TextAddress, count: number): Promise<void>;
};

export type VersionShelfOptions = {
  readonly store: EventStore;
  /** Makes event ids: UUIDs. */
  readonly createId: () => string;
  readonly kind: VersionKind;
};

const SIDES: Readonly<Record<VersionKind, string>> = { named: 'versions', automatic: 'autoversions' };

/**
 * A shelf has two streams for each text: the contents, and the headers. A header is stored when its content is, so
 * that a version that is listed is whole; contents without a header are nobody's, and do no harm.
 */
export function createVersionShelf({ store, createId, kind }: VersionShelfOptions): VersionShelf {
  const toHeaders = ({ aggregate, field, id }: TextAddress) =>
    toSideStreamName(aggregate, `${field}.${SIDES[kind]}`, id);
  const toContents = ({ aggregate, field, id }: TextAddress) =>
    toSideStreamName(aggregate, `${field}.${SIDES[kind]}.contents`, id);

  async function appendOne(
    stream: StreamName,
    event: NewEvent,
    expected: Revision | 'any',
  ): Promise<{ readonly revision: Revision; readonly position: bigint }> {
    const result = await store.append(stream, [event], expected);
    if (result.outcome !== 'appended') throw new Error(`the stream ${stream} answered ${result.outcome}`);
    return { revision: result.lastRevision, position: result.position };
  }

  /** One part after the other: together they may be more than an append takes. */
  async function keepContent(address: TextAddress, events: readonly NewEvent[]): Promise<ContentPlace> {
    const stream = toContents(address);
    let last: Revision | undefined;
    for (const event of events) last = (await appendOne(stream, event, last ?? 'any')).revision;
    if (last === undefined) throw new RangeError('a content has at least one part');
    return { first: last - BigInt(events.length - 1), parts: events.length };
  }

  async function keep(
    address: TextAddress,
    { encoded, user, ...version }: NewVersion,
  ): Promise<PlacedHeader> {
    const { bytes, digest } = encoded;
    const content = await keepContent(address, toContentKept({ bytes, at: version.at, user, createId }));
    const header: StoredHeader = { ...version, kind, bytes: bytes.byteLength, digest, content };
    const { position } = await appendOne(toHeaders(address), toVersionTaken(header, user), 'any');
    return { ...header, position };
  }

  async function readHeaders(
    address: TextAddress,
    options?: { readonly direction: 'backwards'; readonly limit: number },
  ): Promise<readonly PlacedHeader[]> {
    const read = await store.readStream(toHeaders(address), options);
    if (read.outcome !== 'read') return [];
    return read.events.map((event) => ({ ...fromVersionTaken(event), position: event.position }));
  }

  async function readContent(
    address: TextAddress,
    { content: { first, parts }, digest }: StoredHeader,
  ): Promise<VersionContent | undefined> {
    const read = await store.readStream(toContents(address), { from: first, limit: parts });
    if (read.outcome !== 'read' || read.events[0]?.revision !== first || read.events.length < parts)
      return undefined;
    return decodeContent({ bytes: Buffer.concat(read.events.map(fromContentKept)), digest });
  }

  /** Headers first, so that none is listed whose content is gone. */
  async function leaveNewest(address: TextAddress, count: number): Promise<void> {
    const read = await store.readStream(toHeaders(address), { direction: 'backwards', limit: 1 });
    // Contents may be there without a header.
    if (read.outcome !== 'read') return forgetContents(address, undefined);
    const from = read.lastRevision - BigInt(count) + 1n;
    if (from > 0n) await store.truncateBefore(toHeaders(address), from);
    const [oldest] = await readHeaders(address);
    return forgetContents(address, oldest);
  }

  async function forgetContents(address: TextAddress, until: StoredHeader | undefined): Promise<void> {
    const stream = toContents(address);
    if (until) return store.truncateBefore(stream, until.content.first);
    const read = await store.readStream(stream, { direction: 'backwards', limit: 1 });
    if (read.outcome === 'read') await store.truncateBefore(stream, read.lastRevision + 1n);
  }

  return {
    keep,
    list: (address) => readHeaders(address),
    newest: async (address) => (await readHeaders(address, { direction: 'backwards', limit: 1 }))[0],
    find: async (address, id) => {
      const event = await store.findEvent(toHeaders(address), id);
      return event && { ...fromVersionTaken(event), position: event.position };
    },
    readContent,
    leaveNewest,
  };
}
