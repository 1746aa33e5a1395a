import type { EncodedEvent, EncodedStoredEvent } from './encodedEvent.ts';
import type { AppendRequest, EventLog, OnAppended } from './eventLog.ts';
import type { AppendResult, Revision, StreamName } from './eventStore.ts';
import { EventStoreError } from './eventStoreError.ts';
import { judgeAppend, type StreamState } from './judgeAppend.ts';
import { toCategory } from './streamName.ts';
import { takePage } from './takePage.ts';

export type InMemoryFaults = {
  /** The append is not stored when it throws. */
  readonly beforeAppend?: (stream: StreamName) => void | Promise<void>;
  /** The append is stored when it throws, but whoever asked for it does not know. */
  readonly afterAppend?: (stream: StreamName) => void | Promise<void>;
  /** `undefined` for a read of all streams. Subscriptions read too. */
  readonly beforeRead?: (stream: StreamName | undefined) => void | Promise<void>;
};

type InMemoryStream = {
  state: StreamState;
  events: EncodedStoredEvent[];
  byId: Map<string, EncodedStoredEvent>;
};

export function createInMemoryEventLog(onAppended: OnAppended, faults: InMemoryFaults = {}): EventLog {
  const streams = new Map<StreamName, InMemoryStream>();
  let all: EncodedStoredEvent[] = [];
  let position = 0n;

  function openStream(name: StreamName): InMemoryStream {
    const stream = streams.get(name) ?? { state: 'no-stream', events: [], byId: new Map() };
    streams.set(name, stream);
    return stream;
  }

  function store(name: StreamName, events: readonly EncodedEvent[], firstRevision: Revision): AppendResult {
    const stream = openStream(name);
    const stored = events.map((event, index) => {
      position += 1n;
      return { ...event, stream: name, revision: firstRevision + BigInt(index), position };
    });
    const lastRevision = firstRevision + BigInt(events.length - 1);
    stream.state = lastRevision;
    for (const event of stored) {
      stream.events.push(event);
      stream.byId.set(event.id, event);
      all.push(event);
    }
    onAppended(stored);
    return { outcome: 'appended', firstRevision, lastRevision, position, repeated: false };
  }

  function append({ stream, events, expectedRevision }: AppendRequest): AppendResult {
    const known = streams.get(stream);
    const places = events.map(({ id }) => known?.byId.get(id));
    const judged = judgeAppend(known?.state ?? 'no-stream', expectedRevision, places);
    return judged.verdict === 'append' ? store(stream, events, judged.firstRevision) : judged.result;
  }

  function forget(stream: InMemoryStream, isForgotten: (event: EncodedStoredEvent) => boolean): void {
    const forgotten = new Set(stream.events.filter(isForgotten));
    for (const { id } of forgotten) stream.byId.delete(id);
    stream.events = stream.events.filter((event) => !forgotten.has(event));
    all = all.filter((event) => !forgotten.has(event));
  }

  return {
    async append(request) {
      await meet(() => faults.beforeAppend?.(request.stream));
      const result = append(request);
      await meet(() => faults.afterAppend?.(request.stream));
      return result;
    },

    async readStream({ stream: name, from, direction, limit }) {
      await meet(() => faults.beforeRead?.(name));
      const stream = streams.get(name);
      if (!stream || stream.state === 'no-stream') return { outcome: 'no-stream' };
      if (stream.state === 'tombstoned') return { outcome: 'tombstoned' };
      const events =
        direction === 'forwards'
          ? stream.events.slice(countBefore(stream.events, from ?? 0n))
          : stream.events.slice(0, countBefore(stream.events, (from ?? stream.state) + 1n)).reverse();
      return { outcome: 'read', ...takePage(events, limit), lastRevision: stream.state };
    },

    async findEvent({ stream, id }) {
      await meet(() => faults.beforeRead?.(stream));
      return streams.get(stream)?.byId.get(id);
    },

    async readAll({ after, categories, limit }) {
      await meet(() => faults.beforeRead?.(undefined));
      const events = all.filter(
        (event) =>
          (after === undefined || event.position > after) &&
          (!categories || categories.includes(toCategory(event.stream))),
      );
      return takePage(events, limit);
    },

    async truncateBefore(name, before) {
      const stream = streams.get(name);
      if (stream) forget(stream, ({ revision }) => revision < before);
    },

    async tombstone(name) {
      const stream = openStream(name);
      forget(stream, () => true);
      stream.state = 'tombstoned';
    },

    broken: Promise.withResolvers<EventStoreError>().promise,

    async close() {
      streams.clear();
      all = [];
    },
  };
}

/** Counts the events before a revision: a stream's revisions have no gap. */
function countBefore(events: readonly EncodedStoredEvent[], revision: Revision): number {
  const count = revision - (events[0]?.revision ?? 0n);
  return Math.min(Math.max(Number(count), 0), events.length);
}

async function meet(fault: () => void | Promise<void>): Promise<void> {
  try {
    await fault();
  } catch (cause) {
    if (cause instanceof EventStoreError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EventStoreError('unavailable', `the event store failed: ${reason}`, { cause });
  }
}
