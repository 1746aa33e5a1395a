import type { CloseReason } from '@weft/client/protocol';
import type { StreamName } from '../../event-store/eventStore.ts';
import type { Room } from './room.ts';

/** Makes a room of what is stored, which must call `onEnded` when it has ended. Undefined where it cannot; never rejects. */
export type RoomLoader = (onEnded: () => void) => Promise<Room | undefined>;

export type Used<Result> =
  | { readonly outcome: 'used'; readonly result: Result }
  | { readonly outcome: 'not-loaded' }
  /** No room is opened any more. */
  | { readonly outcome: 'closing' };

/** The rooms of texts that somebody has open, one a text. */
export type OpenRooms = {
  /** Where it is open now. */
  find(stream: StreamName): Room | undefined;
  /** Opens a room where it is not, once for all who ask at the same time. `use` is called while it is open. */
  use<Result>(stream: StreamName, load: RoomLoader, use: (room: Room) => Result): Promise<Used<Result>>;
  /**
   * Does something to a text that must not be open: whoever comes waits until it is done. It is given the room that is
   * open, to end it; one that it leaves open goes on. Undefined where everything is closing.
   */
  exclude<Result>(
    stream: StreamName,
    task: (room: Room | undefined) => Promise<Result>,
  ): Promise<Result | undefined>;
  /** Sends everyone away from a text, and forgets what is not stored of it. */
  evict(stream: StreamName, reason: CloseReason, detail: string): Promise<void>;
  readonly isClosing: boolean;
  /** Closes every room, and waits for whoever excludes others, and for what is being loaded. */
  close(): Promise<void>;
};

type Entry =
  /** `opened` answers whether there is an open room now; it never rejects. */
  | { readonly state: 'opening'; readonly opened: Promise<boolean> }
  | { readonly state: 'open'; readonly room: Room }
  /** `done` never rejects. */
  | { readonly state: 'excluded'; readonly done: Promise<void> };

export function createOpenRooms(): OpenRooms {
  const entries = new Map<StreamName, Entry>();
  /** Also of those that were evicted meanwhile. */
  const loads = new Set<Promise<boolean>>();
  let isClosing = false;

  function open(stream: StreamName, load: RoomLoader): Entry {
    let loaded: Room | undefined;
    const opened = load(() => forget(stream, loaded)).then((room) => {
      loads.delete(opened);
      loaded = room;
      // Evicted while it was loading.
      if (entries.get(stream) !== entry) return false;
      if (room) entries.set(stream, { state: 'open', room });
      else entries.delete(stream);
      return room !== undefined;
    });
    loads.add(opened);
    const entry: Entry = { state: 'opening', opened };
    entries.set(stream, entry);
    return entry;
  }

  function forget(stream: StreamName, room: Room | undefined): void {
    if (room && find(stream) === room) entries.delete(stream);
  }

  function find(stream: StreamName): Room | undefined {
    const entry = entries.get(stream);
    return entry?.state === 'open' ? entry.room : undefined;
  }

  async function use<Result>(
    stream: StreamName,
    load: RoomLoader,
    useRoom: (room: Room) => Result,
  ): Promise<Used<Result>> {
    while (!isClosing) {
      const entry = entries.get(stream) ?? open(stream, load);
      if (entry.state === 'opening') {
        if (!(await entry.opened)) return { outcome: 'not-loaded' };
      } else if (entry.state === 'excluded') {
        await entry.done;
      } else if (entry.room.isOpen) {
        return { outcome: 'used', result: useRoom(entry.room) };
      } else {
        await entry.room.ended;
      }
    }
    return { outcome: 'closing' };
  }

  async function exclude<Result>(
    stream: StreamName,
    task: (room: Room | undefined) => Promise<Result>,
  ): Promise<Result | undefined> {
    while (!isClosing) {
      const entry = entries.get(stream);
      if (entry?.state === 'opening') await entry.opened;
      else if (entry?.state === 'excluded') await entry.done;
      else return runAlone(stream, entry?.room, task);
    }
    return undefined;
  }

  async function runAlone<Result>(
    stream: StreamName,
    room: Room | undefined,
    task: (room: Room | undefined) => Promise<Result>,
  ): Promise<Result> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    entries.set(stream, { state: 'excluded', done: promise });
    try {
      return await task(room);
    } finally {
      if (room?.isOpen) entries.set(stream, { state: 'open', room });
      else entries.delete(stream);
      resolve(undefined);
    }
  }

  async function evict(stream: StreamName, reason: CloseReason, detail: string): Promise<void> {
    const entry = entries.get(stream);
    if (entry?.state === 'excluded') {
      await entry.done;
      return evict(stream, reason, detail);
    }
    if (entry?.state === 'open') await entry.room.evict(reason, detail);
    else entries.delete(stream);
  }

  async function closeEntry(stream: StreamName, entry: Entry): Promise<void> {
    switch (entry.state) {
      case 'opening':
        await entry.opened;
        return find(stream)?.close();
      case 'open':
        return entry.room.close();
      case 'excluded':
        return entry.done;
    }
  }

  return {
    find,
    use,
    exclude,
    evict,
    get isClosing() {
      return isClosing;
    },
    close: async () => {
      isClosing = true;
      await Promise.all(Array.from(entries, ([stream, entry]) => closeEntry(stream, entry)));
      await Promise.all(loads);
    },
  };
}
