import type { CloseReason, TextKind, User } from '@weft/client/protocol';
import type { EventStore, Revision, StreamName } from '../event-store/eventStore.ts';
import type { Clock } from '../lifecycle/clock.ts';
import type { Logger } from '../lifecycle/logger.ts';
import { createUpdateDecoder } from './update/decodeUpdate.ts';
import type { Entered } from './edits/editThroughRoom.ts';
import type { EditOptions, TextEdit, TextEditResult } from './edits/textEdit.ts';
import { createTextEditor } from './edits/textEditor.ts';
import {
  EMPTY_CONTENT,
  type ExpectedText,
  type FreshContent,
  storeEpoch,
  toFreshContent,
} from './stored/epochs.ts';
import { loadText } from './stored/loadText.ts';
import { createMaterialiser, type Materialiser } from './document/materialiser.ts';
import { createPendingBytes, type PendingBytes } from './stored/pendingBytes.ts';
import { createOpenRooms } from './room/openRooms.ts';
import { createTicks } from './room/ticks.ts';
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
import { toTextStream } from './toTextStream.ts';

/** The text cannot be had now; `detail` says why, for people. */
export type JoinRefusal = { readonly outcome: 'unavailable'; readonly detail: string };

export type JoinResult = { readonly outcome: 'joined'; readonly seat: TextSeat } | JoinRefusal;

export type EpochRequest = {
  /** Who asks for it, and whose the content is that the epoch begins with. */
  readonly user: User;
  /** A Yjs update (first encoding) that holds a whole text. Default: an empty text. */
  readonly state?: Uint8Array | undefined;
  /** What the text must be at when it begins; its revision is undefined for one never touched. Default: anything. */
  readonly expected?: ExpectedText | undefined;
};

export type BeginEpochResult =
  /** `revision` is that of the text as it is now. */
  | { readonly outcome: 'begun'; readonly epoch: string; readonly revision: Revision }
  /** The state is no text of the kind; `detail` says why, for people. Nothing has changed. */
  | { readonly outcome: 'malformed'; readonly detail: string }
  /**
   * The text is not what was expected, or something more was accepted and is not stored yet. Nothing has changed.
   * `revision` is that of what is stored.
   */
  | { readonly outcome: 'changed'; readonly revision: Revision | undefined }
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
  /** Closed by the rooms. Default: one that leaves large texts to a worker thread. */
  readonly materialiser?: Materialiser | undefined;
};

/**
 * Milliseconds from one tick to the next while people type. After a rest there is no delay. Of those who type together
 * each then hears of two or three edits in one frame, and all rooms share some fifty commits a second.
 */
const TICK_SPACING_MS = 20;

/** A text that nobody can open now, and what takes its place. */
type Replacement = {
  readonly stream: StreamName;
  readonly field: string;
  /** Where it was open. */
  readonly room: Room | undefined;
  readonly content: FreshContent;
};

/** Whoever creates the rooms closes them. */
export function createTextRooms(options: TextRoomsOptions): TextRooms {
  const { store, logger, kindOf = () => 'text', hooks, materialiser = createMaterialiser() } = options;
  const reader = createTextReader(store, materialiser);
  const services: RoomServices = {
    ...options,
    ...hooks,
    decode: createUpdateDecoder(),
    materialiser,
    snapshotPolicy: options.snapshotPolicy ?? isSnapshotDue,
    pending: options.pending ?? createPendingBytes(),
    ticks: createTicks(options.clock, TICK_SPACING_MS, logger),
  };
  const editor = createTextEditor(services);
  const rooms = createOpenRooms();
  let closing: Promise<void> | undefined;

  async function load(address: TextAddress, onEnded: () => void): Promise<Room | undefined> {
    const stream = toTextStream(address);
    try {
      const loaded = await loadText(store, stream);
      if (loaded.outcome === 'tombstoned') return undefined;
      if (loaded.voidBefore !== undefined) await truncate(stream, loaded.voidBefore);
      const { field } = address;
      return new Room(services, { stream, field, kind: kindOf(address), text: loaded.text, onEnded });
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

  async function enter(address: TextAddress, participant: TextParticipant): Promise<Entered | JoinRefusal> {
    const used = await rooms.use(
      toTextStream(address),
      (onEnded) => load(address, onEnded),
      (room) => ({
        outcome: 'joined' as const,
        seat: room.seat(participant),
        revision: () => room.revision,
        isAccepted: (client: number) => new Set(room.clients).has(client),
      }),
    );
    if (used.outcome === 'used') return used.result;
    return used.outcome === 'closing' ? RESTARTING : UNREADABLE;
  }

  async function beginEpoch(address: TextAddress, request: EpochRequest): Promise<BeginEpochResult> {
    const { state } = request;
    const { field } = address;
    const stream = toTextStream(address);
    let content = EMPTY_CONTENT;
    if (state) {
      const fresh = await toFreshContent(materialiser, state, { field, kind: kindOf(address) });
      if (fresh.outcome === 'malformed') return rooms.isClosing ? RESTARTING : fresh;
      content = fresh.content;
    }
    const result = await rooms.exclude(stream, (room) =>
      replaceBy({ stream, field, room, content }, request),
    );
    return result ?? RESTARTING;
  }

  async function replaceBy(
    { stream, field, room, content }: Replacement,
    { user, expected }: EpochRequest,
  ): Promise<BeginEpochResult> {
    // Before anybody is sent away.
    if (isChanged(room, expected)) return { outcome: 'changed', revision: room?.revision };
    await room?.evict('other-epoch', 'the text was erased or replaced');
    const clients = room?.clients ?? [];
    const begun = await storeEpoch(services, stream, { user, content, clients, expected });
    if (begun.outcome === 'tombstoned') return { outcome: 'unavailable', detail: 'the text was deleted' };
    if (begun.outcome === 'changed') return begun;
    reader.forget(stream);
    await hooks?.onErased?.({ stream, field });
    return begun;
  }

  function toSource(address: TextAddress): TextSource {
    const stream = toTextStream(address);
    return { stream, field: address.field, open: rooms.find(stream) };
  }

  async function edit(address: TextAddress, wanted: TextEdit, by: EditOptions): Promise<TextEditResult> {
    const stream = toTextStream(address);
    const text = {
      stream,
      field: address.field,
      kind: kindOf(address),
      openBytes: () => rooms.find(stream)?.stored,
      enter: (participant: TextParticipant) => enter(address, participant),
    };
    try {
      return rooms.isClosing ? RESTARTING : await editor.edit(text, { edit: wanted, options: by });
    } catch (error) {
      // It was being made in the worker that has ended.
      if (rooms.isClosing) return RESTARTING;
      throw error;
    }
  }

  async function close(): Promise<void> {
    const closed = rooms.close();
    // Nobody waits for a snapshot any more.
    await materialiser.close();
    await closed;
    services.ticks.stop();
  }

  return {
    join: enter,
    read: (address) => reader.read(toSource(address)),
    readContent: (address) => reader.readContent(toSource(address)),
    exportState: (address) => reader.exportState(toSource(address)),
    edit,
    beginEpoch,
    evict: async (address, reason, detail) => {
      const stream = toTextStream(address);
      await rooms.evict(stream, reason, detail);
      reader.forget(stream);
    },
    close: () => (closing ??= close()),
  };
}

const RESTARTING = { outcome: 'unavailable', detail: 'the server is restarting' } as const;
const UNREADABLE = { outcome: 'unavailable', detail: 'the text cannot be read now' } as const;

/** What a room that closes still stores is seen once it has. */
function isChanged(room: Room | undefined, expected: ExpectedText | undefined): boolean {
  return room !== undefined && room.isOpen && expected !== undefined && !room.isAt(expected.revision);
}
