import type { AppendFeed } from './appendFeed.ts';
import {
  type CatchUpSource,
  type CatchUpSubscription,
  startCatchUpSubscription,
} from './catchUpSubscription.ts';
import { decodeEvent, encodeEvent } from './encodedEvent.ts';
import type { EventLog } from './eventLog.ts';
import type { EventStore, NewEvent, StreamFilter, StreamName, SubscriptionHandlers } from './eventStore.ts';
import { EventStoreError } from './eventStoreError.ts';
import { readManyPages } from './readManyPages.ts';
import { readWholeStream } from './readWholeStream.ts';
import { toCategory } from './streamName.ts';

const DEFAULT_READ_ALL_LIMIT = 1_000;

/** A store whose log publishes every append to the feed. Closing the store closes the log. */
export function createEventStoreOverLog(log: EventLog, feed: AppendFeed): EventStore {
  const subscriptions = new Set<CatchUpSubscription>();
  const calls = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  /** Runs what `close` has to wait for. */
  async function call<T>(operation: () => Promise<T>): Promise<T> {
    if (closing) throw toClosedError();
    const result = operation();
    calls.add(result);
    try {
      return await result;
    } finally {
      calls.delete(result);
    }
  }

  function subscribe(
    source: CatchUpSource,
    after: bigint | undefined,
    handlers: SubscriptionHandlers,
  ): CatchUpSubscription {
    const onEnd = () => subscriptions.delete(subscription);
    const subscription = startCatchUpSubscription(source, { after, handlers, onEnd });
    subscriptions.add(subscription);
    return subscription;
  }

  function endSubscriptions(error: EventStoreError): void {
    for (const subscription of subscriptions) subscription.fail(error);
  }

  async function shutDown(): Promise<void> {
    endSubscriptions(toClosedError());
    await Promise.allSettled(calls);
    await log.close();
  }

  void log.broken.then(endSubscriptions);

  return {
    append: (stream, events, expectedRevision) =>
      call(async () => {
        assertAppendable(events);
        return log.append({ stream, events: events.map(encodeEvent), expectedRevision });
      }),

    readStream: (stream, { from, direction = 'forwards', limit = Infinity } = {}) =>
      call(async () => {
        assertLimit(limit);
        const page = await readWholeStream(log, { stream, from, direction, limit });
        if (page.outcome !== 'read') return page;
        const { outcome, events, lastRevision } = page;
        return { outcome, events: events.map(decodeEvent), lastRevision };
      }),

    findEvent: (stream, id) =>
      call(async () => {
        const event = await log.findEvent({ stream, id });
        return event && decodeEvent(event);
      }),

    readAll: ({ after, filter, limit = DEFAULT_READ_ALL_LIMIT } = {}) =>
      call(async () => {
        assertLimit(limit);
        const events = await readManyPages(log, { after, categories: toCategories(filter), limit });
        return events.map(decodeEvent);
      }),

    subscribeToStream(stream, after, handlers) {
      const source: CatchUpSource = {
        read: (last) => call(() => readStreamAfter(log, stream, last)),
        listen: (listener) => feed.listenToStream(stream, listener),
        toPlace: (event) => event.revision,
      };
      return subscribe(source, after, handlers);
    },

    subscribeToAll({ after, filter }, handlers) {
      const categories = toCategories(filter);
      const source: CatchUpSource = {
        read: (last) => call(() => log.readAll({ after: last, categories, limit: Infinity })),
        listen: (listener) =>
          feed.listenToAll((event) => {
            if (!categories || categories.includes(toCategory(event.stream))) listener(event);
          }),
        toPlace: (event) => event.position,
      };
      return subscribe(source, after, handlers);
    },

    truncateBefore: (stream, revision) => call(() => log.truncateBefore(stream, revision)),

    tombstone: (stream) => call(() => log.tombstone(stream)),

    close() {
      closing ??= Promise.resolve().then(shutDown);
      return closing;
    },
  };
}

/** To a subscription, a stream that is not there yet and one that is gone for good are empty ones. */
async function readStreamAfter(log: EventLog, stream: StreamName, last: bigint | undefined) {
  const from = last === undefined ? undefined : last + 1n;
  const page = await log.readStream({ stream, from, direction: 'forwards', limit: Infinity });
  return page.outcome === 'read' ? page : { events: [], end: true };
}

function toCategories(filter: StreamFilter | undefined): readonly string[] | undefined {
  return filter && [...new Set(filter.categories)];
}

function toClosedError(): EventStoreError {
  return new EventStoreError('closed', 'the event store is closed');
}

function assertAppendable(events: readonly NewEvent[]): void {
  if (events.length === 0) throw new RangeError('an append needs at least one event');
  const ids = new Set(events.map(({ id }) => id));
  if (ids.size !== events.length) throw new RangeError('an append must not hold an event id twice');
}

function assertLimit(limit: number): void {
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)) return;
  throw new RangeError(`a limit is a whole number from 0 on, not ${limit}`);
}
