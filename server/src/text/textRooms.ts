import type { CloseReason } from '@weft/client/protocol';
import type { EventStore, StreamName } from '../event-store/eventStore.ts';
import { toTextStreamName } from '../event-store/streamName.ts';
import type { Clock } from '../lifecycle/clock.ts';
import type { Logger } from '../lifecycle/logger.ts';
import { createUpdateDecoder } from './decodeUpdate.ts';
import { loadText } from './loadText.ts';
import { createMaterialiser } from './materialiser.ts';
import { Room, type RoomServices } from './room.ts';
import { isSnapshotDue, type SnapshotPolicy } from './snapshotPolicy.ts';
import type { TextAddress, TextParticipant, TextSeat } from './textParticipant.ts';
import { createTextReader, type StoredText } from './textReader.ts';

export type JoinResult =
  | { readonly outcome: 'joined'; readonly seat: TextSeat }
  /** The text cannot be had now; `detail` says why, for people. */
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
  /** Default: `isSnapshotDue`. */
  readonly snapshotPolicy?: SnapshotPolicy | undefined;
};

type Entry =
  /** `opened` answers whether there is an open room now; it never rejects. */
  | { readonly state: 'opening'; readonly opened: Promise<boolean> }
  | { readonly state: 'open'; readonly room: Room };

/** Whoever creates the rooms closes them. */
export function createTextRooms(options: TextRoomsOptions): TextRooms {
  const { store, logger } = options;
  const materialiser = createMaterialiser();
  const reader = createTextReader(store, materialiser);
  const services: RoomServices = {
    ...options,
    decode: createUpdateDecoder(),
    materialiser,
    snapshotPolicy: options.snapshotPolicy ?? isSnapshotDue,
  };
  const entries = new Map<StreamName, Entry>();
  let closing: Promise<void> | undefined;

  function open(stream: StreamName, field: string): Entry {
    const opened = load(stream, field).then((room) => {
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

  async function load(stream: StreamName, field: string): Promise<Room | undefined> {
    try {
      const loaded = await loadText(store, stream);
      if (loaded.outcome === 'tombstoned') return undefined;
      return new Room(services, { stream, field, text: loaded.text, onEnded: () => entries.delete(stream) });
    } catch (err) {
      logger.error({ err, stream }, 'a text could not be opened');
      return undefined;
    }
  }

  async function join(address: TextAddress, participant: TextParticipant): Promise<JoinResult> {
    const stream = toStream(address);
    while (!closing) {
      const entry = entries.get(stream) ?? open(stream, address.field);
      if (entry.state === 'opening') {
        if (!(await entry.opened)) return { outcome: 'unavailable', detail: 'the text cannot be read now' };
      } else if (entry.room.isOpen) {
        return { outcome: 'joined', seat: entry.room.seat(participant) };
      } else {
        await entry.room.ended;
      }
    }
    return { outcome: 'unavailable', detail: 'the server is restarting' };
  }

  async function evict(stream: StreamName, reason: CloseReason, detail: string): Promise<void> {
    const entry = entries.get(stream);
    if (entry?.state === 'open') await entry.room.evict(reason, detail);
    else entries.delete(stream);
  }

  async function closeAll(): Promise<void> {
    const loading = [...entries.values()].filter((entry) => entry.state === 'opening');
    await Promise.all(loading.map(({ opened }) => opened));
    const open = [...entries.values()].filter((entry) => entry.state === 'open');
    const ended = open.map(({ room }) => room.close());
    // Nobody waits for a snapshot any more.
    await materialiser.close();
    await Promise.all(ended);
  }

  return {
    join,
    read: async (address) => {
      const stream = toStream(address);
      const entry = entries.get(stream);
      if (entry?.state === 'open') return reader.readOpen(stream, address.field, entry.room.stored);
      return reader.readClosed(stream, address.field);
    },
    evict: (address, reason, detail) => evict(toStream(address), reason, detail),
    close: () => (closing ??= closeAll()),
  };
}

function toStream({ aggregate, field, id }: TextAddress): StreamName {
  return toTextStreamName(aggregate, field, id);
}
