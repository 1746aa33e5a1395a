import type { CloseReason, TextKind, User } from '@weft/client/protocol';
import type { EventStore, Revision, StreamName } from '../event-store/eventStore.ts';
import { toTextStreamName } from '../event-store/streamName.ts';
import type { Clock } from '../lifecycle/clock.ts';
import type { Logger } from '../lifecycle/logger.ts';
import { createUpdateDecoder } from './update/decodeUpdate.ts';
import type { Entered } from './edits/editThroughRoom.ts';
import type { EditOptions, TextEdit, TextEditResult } from './edits/textEdit.ts';
import { createTextEditor } from './edits/textEditor.ts';
import type { EditedText } from './room/editReport.ts';
import { EMPTY_CONTENT, type FreshContent, storeEpoch, toFreshContent } from './stored/epochs.ts';
import { loadText } from './stored/loadText.ts';
import { createMaterialiser } from './document/materialiser.ts';
import { createPendingBytes, type PendingBytes } from './stored/pendingBytes.ts';
import { Room } from './room/room.ts';
import type { RoomServices } from './room/roomServices.ts';
import { isSnapshotDue, type SnapshotPolicy } from './stored/snapshotPolicy.ts';
import type { TextHooks } from './textHooks.ts';
import type { TextAddress, TextParticipant, TextSeat } from './textParticipant.ts';
import {
  createTextReader,
  type StoredContent,
  type StoredText,
  type TextBytes,
  type TextSource,
} from './textReader.ts';

export type JoinResult =
  | { readonly outcome: 'joined'; readonly seat: TextSeat }
  /** The text cannot be had now; `detail` says why, for people. */
  | { readonly outcome: 'unavailable'; readonly detail: string };

export type EpochRequest = {
  /** Who asks for it, and whose the content is that the epoch begins with. */
  readonly user: User;
  /** A Yjs update (first encoding) that holds a whole text. Default: an empty text. */
  readonly state?: Uint8Array | undefined;
};

export type BeginEpochResult =
  /** `revision` is that of the text as it is now. */
  | { readonly outcome: 'begun'; readonly epoch: string; readonly revision: Revision }
  /** The state is no text of the kind; `detail` says why, for people. Nothing has changed. */
  | { readonly outcome: 'malformed'; readonly detail: string }
  /** The text is gone, or the server is restarting. */
  | { readonly outcome: 'unavailable'; readonly detail: string };

/**
 * The texts that people have open, each in one room, and reading of any text. One process writes a text: where
 * several share a store, each must be fed what the others stored.
 */
export type TextRooms = {
  /**
   * Lets a participant into a text's room; it may be sent frames before this resolves. Whoever gets a seat must
   * `leave` it. The caller has checked that the aggregate is there and has such a text field.
   */
  join(address: TextAddress, participant: TextParticipant): Promise<JoinResult>;
  /** What is durably stored. Rejects where the store fails. */
  read(address: TextAddress): Promise<StoredText>;
  /** The same with all that is no text. */
  readContent(address: TextAddress): Promise<StoredContent>;
  /** What is durably stored as one Yjs update, without what was deleted: what `beginEpoch` takes. */
  exportState(address: TextAddress): Promise<TextBytes>;
  /**
   * Edits a text as a client would that was offline since a base; durable when it resolves. The caller has checked
   * that there is such a text. Rejects where the store fails.
   */
  edit(address: TextAddress, edit: TextEdit, options: EditOptions): Promise<TextEditResult>;
  /**
   * Forgets a text and begins another in its place, which no copy of the old one is merged with. Whoever has it open
   * is sent away as `other-epoch`; who comes meanwhile waits. Rejects where the store fails: then it may have begun or
   * not, and asking again is safe.
   */
  beginEpoch(address: TextAddress, request: EpochRequest): Promise<BeginEpochResult>;
  /** Sends everyone away from a text that is no more, and forgets what is not stored of it. */
  evict(address: TextAddress, reason: CloseReason, detail: string): Promise<void>;
  /**
   * Stores everything that was accepted, for up to ten seconds where the store fails, then sends everyone away as
   * `unavailable`. The store must stay open until it resolves. Idempotent.
   */
  close(): Promise<void>;
};

export type TextRoomsOptions = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes event ids: UUIDs. */
  readonly createId: () => string;
  /** Default: every text is a plain one. */
  readonly kindOf?: ((address: TextAddress) => TextKind) | undefined;
  /** Counts what waits for the store. Default: one of its own. */
  readonly pending?: PendingBytes | undefined;
  /** Default: none. */
  readonly hooks?: TextHooks | undefined;
  /** Default: `isSnapshotDue`. */
  readonly snapshotPolicy?: SnapshotPolicy | undefined;
};

type Entry =
  /** `opened` answers whether there is an open room now; it never rejects. */
  | { readonly state: 'opening'; readonly opened: Promise<boolean> }
  | { readonly state: 'open'; readonly room: Room }
  /** A new epoch is being stored. `changed` never rejects. */
  | { readonly state: 'changing-epoch'; readonly changed: Promise<void> };

/** Whoever creates the rooms closes them. */
export function createTextRooms(options: TextRoomsOptions): TextRooms {
  const { store, logger, kindOf = () => 'text', hooks } = options;
  const materialiser = createMaterialiser();
  const reader = createTextReader(store, materialiser);
  const services: RoomServices = {
    ...options,
    ...hooks,
    decode: createUpdateDecoder(),
    materialiser,
    snapshotPolicy: options.snapshotPolicy ?? isSnapshotDue,
    pending: options.pending ?? createPendingBytes(),
  };
  const editor = createTextEditor(services);
  const entries = new Map<StreamName, Entry>();
  let closing: Promise<void> | undefined;

  function open(stream: StreamName, address: TextAddress): Entry {
    const opened = load(stream, address).then((room) => {
      // Evicted while it was loading.
      if (entries.get(stream) !== entry) return false;
      if (room) entries.set(stream, { state: 'open', room });
      else entries.delete(stream);
      return room !== undefined;
    });
    const entry: Entry = { state: 'opening', opened };
    entries.set(stream, entry);
    return entry;
  }

  async function load(stream: StreamName, address: TextAddress): Promise<Room | undefined> {
    try {
      const loaded = await loadText(store, stream);
      if (loaded.outcome === 'tombstoned') return undefined;
      if (loaded.voidBefore !== undefined) await truncate(stream, loaded.voidBefore);
      const { field } = address;
      const room: Room = new Room(services, {
        stream,
        field,
        kind: kindOf(address),
        text: loaded.text,
        onEnded: () => forget(stream, room),
      });
      return room;
    } catch (err) {
      logger.error({ err, stream }, 'a text could not be opened');
      return undefined;
    }
  }

  /** What is left of an earlier epoch where the server ended before it could forget it; it does no harm to the text. */
  async function truncate(stream: StreamName, before: Revision): Promise<void> {
    try {
      await store.truncateBefore(stream, before);
    } catch (err) {
      logger.warn({ err, stream }, 'what was erased of a text could not be forgotten yet');
    }
  }

  function forget(stream: StreamName, room: Room): void {
    const entry = entries.get(stream);
    if (entry?.state === 'open' && entry.room === room) entries.delete(stream);
  }

  async function join(address: TextAddress, participant: TextParticipant): Promise<JoinResult> {
    const stream = toStream(address);
    while (!closing) {
      const entry = entries.get(stream) ?? open(stream, address);
      if (entry.state === 'opening') {
        if (!(await entry.opened)) return { outcome: 'unavailable', detail: 'the text cannot be read now' };
      } else if (entry.state === 'changing-epoch') {
        await entry.changed;
      } else if (entry.room.isOpen) {
        return { outcome: 'joined', seat: entry.room.seat(participant) };
      } else {
        await entry.room.ended;
      }
    }
    return RESTARTING;
  }

  async function beginEpoch(address: TextAddress, { user, state }: EpochRequest): Promise<BeginEpochResult> {
    const stream = toStream(address);
    let content = EMPTY_CONTENT;
    if (state) {
      const { field } = address;
      const fresh = await toFreshContent(materialiser, state, { field, kind: kindOf(address) });
      if (fresh.outcome === 'malformed') return closing ? RESTARTING : fresh;
      content = fresh.content;
    }
    while (!closing) {
      const entry = entries.get(stream);
      if (entry?.state === 'opening') await entry.opened;
      else if (entry?.state === 'changing-epoch') await entry.changed;
      else return changeEpoch({ stream, field: address.field }, entry?.room, { user, content });
    }
    return RESTARTING;
  }

  async function changeEpoch(
    text: EditedText,
    room: Room | undefined,
    begin: { readonly user: User; readonly content: FreshContent },
  ): Promise<BeginEpochResult> {
    const { stream } = text;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const entry: Entry = { state: 'changing-epoch', changed: promise };
    entries.set(stream, entry);
    try {
      await room?.evict('other-epoch', 'the text was erased or replaced');
      const begun = await storeEpoch(services, stream, { ...begin, clients: room?.clients ?? [] });
      if (begun.outcome === 'tombstoned') return { outcome: 'unavailable', detail: 'the text was deleted' };
      await hooks?.onErased?.(text);
      return begun;
    } finally {
      entries.delete(stream);
      resolve(undefined);
    }
  }

  async function evict(stream: StreamName, reason: CloseReason, detail: string): Promise<void> {
    const entry = entries.get(stream);
    if (entry?.state === 'changing-epoch') {
      await entry.changed;
      return evict(stream, reason, detail);
    }
    if (entry?.state === 'open') await entry.room.evict(reason, detail);
    else entries.delete(stream);
  }

  async function closeAll(): Promise<void> {
    const loading = [...entries.values()].filter((entry) => entry.state === 'opening');
    await Promise.all(loading.map(({ opened }) => opened));
    const open = [...entries.values()].filter((entry) => entry.state === 'open');
    const changing = [...entries.values()].filter((entry) => entry.state === 'changing-epoch');
    const ended = open.map(({ room }) => room.close());
    // Nobody waits for a snapshot any more.
    await materialiser.close();
    await Promise.all([...ended, ...changing.map(({ changed }) => changed)]);
  }

  function openRoom(stream: StreamName): Room | undefined {
    const entry = entries.get(stream);
    return entry?.state === 'open' ? entry.room : undefined;
  }

  function toSource(address: TextAddress): TextSource {
    const stream = toStream(address);
    return { stream, field: address.field, bytes: openRoom(stream)?.stored };
  }

  async function enter(address: TextAddress, participant: TextParticipant): Promise<Entered | undefined> {
    const joined = await join(address, participant);
    if (joined.outcome === 'unavailable') return undefined;
    const room = openRoom(toStream(address));
    return { seat: joined.seat, revision: () => room?.revision };
  }

  async function edit(address: TextAddress, wanted: TextEdit, by: EditOptions): Promise<TextEditResult> {
    const stream = toStream(address);
    const text = {
      stream,
      field: address.field,
      kind: kindOf(address),
      openBytes: () => openRoom(stream)?.stored,
      enter: (participant: TextParticipant) => enter(address, participant),
    };
    try {
      return closing ? RESTARTING : await editor.edit(text, { edit: wanted, options: by });
    } catch (error) {
      // It was being made in the worker that has ended.
      if (closing) return RESTARTING;
      throw error;
    }
  }

  return {
    join,
    read: (address) => reader.read(toSource(address)),
    readContent: (address) => reader.readContent(toSource(address)),
    exportState: (address) => reader.exportState(toSource(address)),
    edit,
    beginEpoch,
    evict: (address, reason, detail) => evict(toStream(address), reason, detail),
    close: () => (closing ??= closeAll()),
  };
}

const RESTARTING = { outcome: 'unavailable', detail: 'the server is restarting' } as const;

function toStream({ aggregate, field, id }: TextAddress): StreamName {
  return toTextStreamName(aggregate, field, id);
}
