import type {
  StoredEvent,
  Subscription,
  SubscriptionHandlers,
} from '../../../server/src/event-store/eventStore.ts';

/** What a subscription's handlers were told, in order. */
export type RecordedCall =
  { call: 'event'; event: StoredEvent } | { call: 'caught-up' } | { call: 'error'; error: Error };

export type SubscriptionRecord = Subscription & {
  readonly calls: readonly RecordedCall[];
  readonly events: () => StoredEvent[];
  readonly hasCaughtUp: () => boolean;
  readonly error: () => Error | undefined;
  /** Resolves as soon as it is true of the record, looked at after each call of a handler. */
  readonly until: (isTrue: (record: SubscriptionRecord) => boolean) => Promise<void>;
};

/** Subscribes with handlers that write down their calls. `onEvent` runs after an event was written down. */
export function recordSubscription(
  subscribe: (handlers: SubscriptionHandlers) => Subscription,
  onEvent: (event: StoredEvent, record: SubscriptionRecord) => void | Promise<void> = () => {},
): SubscriptionRecord {
  const calls: RecordedCall[] = [];
  const waiting = new Set<() => void>();

  function write(call: RecordedCall): void {
    calls.push(call);
    for (const look of waiting) look();
  }

  const record: SubscriptionRecord = {
    calls,
    stop: () => subscription.stop(),
    events: () => calls.flatMap((call) => (call.call === 'event' ? [call.event] : [])),
    hasCaughtUp: () => calls.some(({ call }) => call === 'caught-up'),
    error: () => calls.flatMap((call) => (call.call === 'error' ? [call.error] : []))[0],
    until: (isTrue) =>
      new Promise((resolve) => {
        const look = () => {
          if (!isTrue(record)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };

  const subscription = subscribe({
    onEvent: (event) => {
      write({ call: 'event', event });
      return onEvent(event, record);
    },
    onCaughtUp: () => write({ call: 'caught-up' }),
    onError: (error) => write({ call: 'error', error }),
  });
  return record;
}
