import type { TextKind } from '@weft/client/protocol';
import { createManualClock, type ManualClock } from '../../client-sdk/src/testSupport/manualClock.ts';
import type { EventStore } from '../../server/src/event-store/eventStore.ts';
import { createInMemoryEventStore } from '../../server/src/event-store/inMemoryEventStore.ts';
import { toTextStreamName } from '../../server/src/event-store/streamName.ts';
import type { Logger } from '../../server/src/lifecycle/logger.ts';
import { loadText } from '../../server/src/text/stored/loadText.ts';
import type { TextAddress } from '../../server/src/text/textParticipant.ts';
import { createTextRooms, type TextRooms } from '../../server/src/text/textRooms.ts';
import { FIELD } from './witness.ts';

/** Text rooms over a store in memory, for any number of texts, one after the other. */
export type Stage = {
  readonly rooms: TextRooms;
  readonly clock: ManualClock;
  /** Whether a text that everybody has left is replaced by a snapshot. */
  takesSnapshots: boolean;
  createAddress(kind: TextKind): TextAddress;
  /** The text as it is stored, as one update. */
  load(address: TextAddress): Promise<Uint8Array>;
  /** Forgets a text. */
  drop(address: TextAddress): Promise<void>;
  /** Number of appends so far. */
  appended(): number;
  /** Number of errors logged so far. */
  errors(): number;
  lastError(): string;
  close(): Promise<void>;
};

export function createStage(): Stage {
  const inner = createInMemoryEventStore();
  const clock = createManualClock();
  const kinds = new Map<string, TextKind>();
  const logged: string[] = [];
  let created = 0;
  let appended = 0;
  let ids = 0;
  const store: EventStore = {
    ...inner,
    append: (...request) => {
      appended += 1;
      return inner.append(...request);
    },
  };
  const note = (fields: object, message: string) => {
    const { err } = fields as { readonly err?: unknown };
    logged.push(`${message}: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}`);
  };
  const ignore = () => undefined;
  const logger: Logger = { debug: ignore, info: ignore, warn: note, error: note };
  const rooms = createTextRooms({
    store,
    clock,
    logger,
    createId: () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`,
    kindOf: ({ id }) => kinds.get(id) ?? 'text',
    snapshotPolicy: ({ isLeft }) => isLeft && stage.takesSnapshots,
  });
  const toStream = ({ aggregate, field, id }: TextAddress) => toTextStreamName(aggregate, field, id);
  const stage: Stage = {
    rooms,
    clock,
    takesSnapshots: false,
    createAddress: (kind) => {
      const id = `n${(created += 1)}`;
      kinds.set(id, kind);
      return { aggregate: 'note', id, field: FIELD };
    },
    load: async (address) => {
      const loaded = await loadText(inner, toStream(address));
      if (loaded.outcome !== 'loaded') throw new Error(`the text is ${loaded.outcome}`);
      return loaded.text.update;
    },
    drop: async (address) => {
      await rooms.evict(address, 'not-found', 'the text is no more');
      await inner.tombstone(toStream(address));
      kinds.delete(address.id);
    },
    appended: () => appended,
    errors: () => logged.length,
    lastError: () => logged.at(-1) ?? '',
    close: async () => {
      await rooms.close();
      await inner.close();
    },
  };
  return stage;
}
