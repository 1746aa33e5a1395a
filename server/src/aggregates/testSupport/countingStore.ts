import type { EventStore, StreamName } from '../../event-store/eventStore.ts';

export type CountedRead = { readonly stream: StreamName; readonly events: number };

export type CountingStore = EventStore & {
  /** Every read since the last one of these, and how many events it was answered. */
  takeReads(): readonly CountedRead[];
};

/** Counts what is read of streams. */
export function createCountingStore(inner: EventStore): CountingStore {
  let reads: CountedRead[] = [];
  return {
    ...inner,
    readStream: async (stream, options) => {
      const read = await inner.readStream(stream, options);
      reads.push({ stream, events: read.outcome === 'read' ? read.events.length : 0 });
      return read;
    },
    findEvent: async (stream, id) => {
      const event = await inner.findEvent(stream, id);
      reads.push({ stream, events: event ? 1 : 0 });
      return event;
    },
    takeReads: () => {
      const taken = reads;
      reads = [];
      return taken;
    },
  };
}

export function countEvents(reads: readonly CountedRead[]): number {
  return reads.reduce((sum, { events }) => sum + events, 0);
}
