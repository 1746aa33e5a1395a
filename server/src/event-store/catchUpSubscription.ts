import type { AppendListener } from './appendFeed.ts';
import { decodeEvent, type EncodedStoredEvent } from './encodedEvent.ts';
import type { EventPage } from './eventLog.ts';
import type { Subscription, SubscriptionHandlers } from './eventStore.ts';
import { createLiveBuffer } from './liveBuffer.ts';

export type CatchUpSource = {
  /** Reads what is stored after a place, in order. */
  readonly read: (after: bigint | undefined) => Promise<EventPage>;
  /** Calls back for each event that is appended, in order, and returns what ends it. */
  readonly listen: (listener: AppendListener) => () => void;
  /** What orders the events: their revision or their position. */
  readonly toPlace: (event: EncodedStoredEvent) => bigint;
};

export type CatchUpOptions = {
  /** The place after which to begin. Default: the start. */
  readonly after: bigint | undefined;
  readonly handlers: SubscriptionHandlers;
  /** Called once, when it ended in whatever way, before `onError`. */
  readonly onEnd: () => void;
};

export type CatchUpSubscription = Subscription & {
  /** Ends it through `onError`, unless it has ended. */
  readonly fail: (error: Error) => void;
};

/**
 * Delivers what is stored after a place, then what is appended.
 *
 * It listens before it reads, and each read starts with an empty buffer. So an event that is missing in a page that
 * reached the end was appended later than that read began, and is in the buffer; one that is in both is told by its
 * place. Where the buffer overflows, because the handler is slow, it reads again from the last event delivered.
 */
export function startCatchUpSubscription(
  source: CatchUpSource,
  { after, handlers, onEnd }: CatchUpOptions,
): CatchUpSubscription {
  const buffer = createLiveBuffer();
  let delivered = after;
  let isCaughtUp = false;
  let hasEnded = false;

  const stopListening = source.listen((event) => {
    if (isNew(event)) buffer.push(event);
  });

  function isNew(event: EncodedStoredEvent): boolean {
    return delivered === undefined || source.toPlace(event) > delivered;
  }

  function stop(): void {
    if (hasEnded) return;
    hasEnded = true;
    stopListening();
    buffer.reset();
    buffer.wake();
    onEnd();
  }

  function fail(error: Error): void {
    if (hasEnded) return;
    stop();
    handlers.onError(error);
  }

  async function deliver(event: EncodedStoredEvent): Promise<void> {
    if (hasEnded || !isNew(event)) return;
    delivered = source.toPlace(event);
    await handlers.onEvent(decodeEvent(event));
  }

  function reportCaughtUp(): void {
    if (hasEnded || isCaughtUp) return;
    isCaughtUp = true;
    handlers.onCaughtUp?.();
  }

  async function follow(): Promise<void> {
    while (!hasEnded && !buffer.hasOverflowed()) {
      const event = buffer.take();
      await (event ? deliver(event) : buffer.waitForChange());
    }
  }

  async function run(): Promise<void> {
    while (!hasEnded) {
      buffer.reset();
      const page = await source.read(delivered);
      for (const event of page.events) await deliver(event);
      if (!page.end) continue;
      reportCaughtUp();
      await follow();
    }
  }

  // What a handler throws after `stop` goes nowhere: its subscription has ended.
  run().catch((error: unknown) => fail(error instanceof Error ? error : new Error(String(error))));
  return { stop, fail };
}
