import { type ConsistencyToken, type Down, MAX_SUBSCRIPTIONS_PER_SESSION } from '@weft/client/protocol';
import type { AggregateView } from '../aggregates/aggregateReader.ts';
import type { AggregateAddress } from '../aggregates/aggregateRef.ts';
import type { Subscription } from '../event-store/eventStore.ts';
import type { RealtimeServices } from './services.ts';
import type { SessionSocket } from './sessionSocket.ts';

/** What one session is told of: aggregates and lists. Subscribing again starts anew. */
export type SessionSubscriptions = {
  /** Whether there is room for it, or it is subscribed to already. */
  mayTake(at: AggregateAddress): boolean;
  subscribe(at: AggregateAddress, after: ConsistencyToken | undefined): Promise<void>;
  unsubscribe(at: AggregateAddress): void;
  /** Whether there is such a list. */
  subscribeList(aggregate: string): Promise<boolean>;
  unsubscribeList(aggregate: string): void;
  stopAll(): void;
};

export function createSessionSubscriptions(
  { reader, lists }: Pick<RealtimeServices, 'reader' | 'lists'>,
  socket: SessionSocket,
  onError: (error: Error) => void,
): SessionSubscriptions {
  // Undefined while a subscription starts: what is no longer there when it has started was stopped meanwhile.
  const subscriptions = new Map<string, { stop?: Subscription['stop'] }>();

  function begin(key: string): {
    readonly isCurrent: () => boolean;
    readonly keep: (started: Subscription) => void;
  } {
    stop(key);
    const slot: { stop?: Subscription['stop'] } = {};
    subscriptions.set(key, slot);
    return {
      isCurrent: () => subscriptions.get(key) === slot,
      keep: (started) => {
        slot.stop = started.stop;
      },
    };
  }

  function stop(key: string): void {
    subscriptions.get(key)?.stop?.();
    subscriptions.delete(key);
  }

  return {
    mayTake: (at) => subscriptions.size < MAX_SUBSCRIPTIONS_PER_SESSION || subscriptions.has(toKey(at)),
    subscribe: async (at, after) => {
      const slot = begin(toKey(at));
      const { view, start } = await reader.watch(at.aggregate, at.id, {
        onChange: (change) => socket.sendMessage({ type: 'changed', ...at, ...change }),
        onError,
      });
      if (!slot.isCurrent()) return;
      socket.sendMessage({ type: 'state', ...at, state: toState(view, after) });
      slot.keep(start());
    },
    unsubscribe: (at) => stop(toKey(at)),
    subscribeList: async (aggregate) => {
      const slot = begin(toListKey(aggregate));
      await lists.whenReady();
      if (!slot.isCurrent()) return true;
      const items = lists.list(aggregate);
      if (!items) {
        stop(toListKey(aggregate));
        return false;
      }
      socket.sendMessage({ type: 'list', aggregate, items: [...items] });
      slot.keep(
        lists.watch(aggregate, (change) => socket.sendMessage({ type: 'list-changed', aggregate, change })),
      );
      return true;
    },
    unsubscribeList: (aggregate) => stop(toListKey(aggregate)),
    stopAll: () => {
      for (const key of [...subscriptions.keys()]) stop(key);
    },
  };
}

// As JSON, so that no name that a client makes up is taken for another.
function toKey({ aggregate, id }: AggregateAddress): string {
  return JSON.stringify([aggregate, id]);
}

function toListKey(aggregate: string): string {
  return JSON.stringify([aggregate]);
}

function toState(
  view: AggregateView,
  after: ConsistencyToken | undefined,
): Extract<Down, { type: 'state' }>['state'] {
  switch (view.status) {
    case 'unknown-aggregate':
    case 'missing':
      return { status: 'missing' };
    case 'deleted':
      return { status: 'deleted' };
    case 'existing':
      return view.token === after
        ? { status: 'unchanged', token: view.token }
        : { status: 'existing', fields: { ...view.fields }, token: view.token };
  }
}
