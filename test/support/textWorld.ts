import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import * as Y from 'yjs';
import type { EventStore, NewEvent, StoredEvent } from '../../server/src/event-store/eventStore.ts';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import type { InMemoryFaults } from '../../server/src/event-store/inMemoryEventLog.ts';
import { toTextStreamName } from '../../server/src/event-store/streamName.ts';
import type { Logger } from '../../server/src/lifecycle/logger.ts';
import { loadText } from '../../server/src/text/stored/loadText.ts';
import type { SnapshotPolicy } from '../../server/src/text/stored/snapshotPolicy.ts';
import { createTextRooms, type TextRooms, type TextRoomsOptions } from '../../server/src/text/textRooms.ts';
import { createManualClock, type ManualClock } from '../../client-sdk/src/testSupport/manualClock.ts';
import { TextClient, type TextClientOptions } from './textClient.ts';

export const ADDRESS = { aggregate: 'note', id: 'n1', field: 'body' };
export const STREAM = toTextStreamName('note', 'body', 'n1');

export type TextWorldOptions = Pick<TextRoomsOptions, 'kindOf' | 'hooks' | 'pending'> & {
  readonly faults?: InMemoryFaults;
  readonly snapshotPolicy?: SnapshotPolicy;
  /** Called when an append's events have become durable, before anybody else knows. */
  readonly onDurable?: (events: readonly NewEvent[]) => void;
};

export type LogEntry = { readonly level: keyof Logger; readonly fields: object; readonly message: string };

/** Text rooms over a store in memory, with clients, a clock that stands still and links that must be pumped. */
export type TextWorld = {
  readonly rooms: TextRooms;
  readonly store: EventStore;
  readonly clock: ManualClock;
  readonly logged: readonly LogEntry[];
  createClient(options?: TextClientOptions): TextClient;
  /** A client that has joined and is in sync. */
  join(options?: TextClientOptions): Promise<TextClient>;
  /** Delivers everything both ways, and lets the store and the clock go on, until nothing moves any more. */
  settle(): Promise<void>;
  /** Everything in the stream. */
  storedEvents(): Promise<readonly StoredEvent[]>;
  /** A document of everything in the stream. */
  storedDoc(): Promise<Y.Doc>;
};

// A turn of the event loop settles what waits for the store in memory, and the steps pass every pace of a room.
const QUIET_TURNS = 6;
const STEP_MS = 10;

export function createTextWorld({
  faults,
  snapshotPolicy,
  onDurable,
  ...passedOn
}: TextWorldOptions = {}): TextWorld {
  const inner = createInMemoryEventStore({ faults });
  const store: EventStore = {
    ...inner,
    append: async (...request) => {
      const result = await inner.append(...request);
      onDurable?.(request[1]);
      return result;
    },
  };
  const clock = createManualClock();
  const logged: LogEntry[] = [];
  const rooms = createTextRooms({
    ...passedOn,
    store,
    clock,
    logger: createRecordingLogger(logged),
    createId: randomUUID,
    // Most tests count events: without a policy of their own, no snapshot comes between.
    snapshotPolicy: snapshotPolicy ?? (() => false),
  });
  const clients = new Set<TextClient>();
  onTestFinished(async () => {
    for (const client of clients) client.destroy();
    await closeRooms();
    await inner.close();
  });

  /** Rooms whose store fails wait for a while before they give up. */
  async function closeRooms(): Promise<void> {
    let isClosed = false;
    const closed = rooms.close().then(() => (isClosed = true));
    while (!isClosed) {
      await setImmediate();
      clock.advance(STEP_MS);
    }
    await closed;
  }

  function pump(): boolean {
    const busy = [...clients].filter((client) => !client.isIdle);
    for (const client of busy) {
      client.deliverToClient();
      client.deliverToRoom();
    }
    return busy.length > 0;
  }

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      while (pump()) quiet = 0;
      await setImmediate();
      clock.advance(STEP_MS);
    }
  }

  function createClient(options?: TextClientOptions): TextClient {
    const client = new TextClient(options);
    clients.add(client);
    return client;
  }

  return {
    rooms,
    store,
    clock,
    logged,
    createClient,
    join: async (options) => {
      const client = createClient(options);
      await client.connect(rooms, ADDRESS);
      await settle();
      return client;
    },
    settle,
    storedEvents: async () => {
      const read = await store.readStream(STREAM);
      return read.outcome === 'read' ? read.events : [];
    },
    storedDoc: async () => {
      const doc = new Y.Doc();
      const loaded = await loadText(inner, STREAM);
      if (loaded.outcome === 'loaded') Y.applyUpdate(doc, loaded.text.update);
      return doc;
    },
  };
}

function createRecordingLogger(logged: LogEntry[]): Logger {
  const record = (level: keyof Logger) => (fields: object, message: string) => {
    logged.push({ level, fields, message });
  };
  return { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') };
}
