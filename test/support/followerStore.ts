import type {
  EventStore,
  Position,
  ReadStreamOptions,
  ReadStreamResult,
  StoredEvent,
  SubscriptionHandlers,
} from '../../server/src/event-store/eventStore.ts';

/** A store as a server sees it that is behind: what is stored elsewhere comes to it later. */
export type FollowerStore = EventStore & {
  /** What is stored from now on does not come. */
  hold(): Promise<void>;
  /** It comes, and so does what is stored later. */
  release(): void;
  /** Events that subscriptions are waiting to deliver. */
  readonly held: number;
};

export type FollowerStoreOptions = {
  /** `subscriptions`: reads are of what is stored now, and only subscriptions are behind. Default: everything is. */
  readonly behind?: 'everything' | 'subscriptions';
};

/** Follows another store. Streams that are truncated are not what it is for. */
export function createFollowerStore(
  inner: EventStore,
  { behind = 'everything' }: FollowerStoreOptions = {},
): FollowerStore {
  /** The last position that comes; undefined where all do. */
  let horizon: Position | undefined;
  let released = Promise.withResolvers<undefined>();
  let held = 0;

  function isVisible({ position }: StoredEvent): boolean {
    return horizon === undefined || position <= horizon;
  }

  function follow(handlers: SubscriptionHandlers): SubscriptionHandlers {
    return {
      ...handlers,
      onEvent: async (event) => {
        if (!isVisible(event)) {
          held += 1;
          await released.promise;
          held -= 1;
        }
        await handlers.onEvent(event);
      },
    };
  }

  const readStream: EventStore['readStream'] = async (stream, options = {}) => {
    if (behind === 'subscriptions' || horizon === undefined) return inner.readStream(stream, options);
    const read = await inner.readStream(stream);
    return read.outcome === 'read' ? takeSome(read.events.filter(isVisible), options) : read;
  };

  return {
    append: (stream, events, expectedRevision) => inner.append(stream, events, expectedRevision),
    readStream,
    findEvent: async (stream, id) => {
      const event = await inner.findEvent(stream, id);
      return event && (behind === 'subscriptions' || isVisible(event)) ? event : undefined;
    },
    readAll: async (options) => {
      const events = await inner.readAll(options);
      return behind === 'subscriptions' ? events : events.filter(isVisible);
    },
    subscribeToStream: (stream, after, handlers) => inner.subscribeToStream(stream, after, follow(handlers)),
    subscribeToAll: (options, handlers) => inner.subscribeToAll(options, follow(handlers)),
    truncateBefore: (stream, revision) => inner.truncateBefore(stream, revision),
    tombstone: (stream) => inner.tombstone(stream),
    close: () => inner.close(),
    hold: async () => {
      horizon = (await inner.readAll({ limit: Infinity })).at(-1)?.position ?? -1n;
      released = Promise.withResolvers();
    },
    release: () => {
      horizon = undefined;
      released.resolve(undefined);
    },
    get held() {
      return held;
    },
  };
}

function takeSome(
  events: readonly StoredEvent[],
  { from, direction = 'forwards', limit }: ReadStreamOptions,
): ReadStreamResult {
  const last = events.at(-1);
  if (!last) return { outcome: 'no-stream' };
  const forwards = events.filter(({ revision }) => from === undefined || revision >= from);
  const backwards = events.filter(({ revision }) => from === undefined || revision <= from).toReversed();
  const chosen = direction === 'forwards' ? forwards : backwards;
  return { outcome: 'read', events: chosen.slice(0, limit), lastRevision: last.revision };
}
