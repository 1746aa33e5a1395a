import type { EventStore, Position, StoredEvent } from '../../event-store/eventStore.ts';
import { toAggregateId, toStreamName } from '../../event-store/streamName.ts';
import { DEFERRED_CATEGORY, fromDeferredEvent } from './deferredEvents.ts';
import type { DeferredEntry } from './deferredQueue.ts';

// An accepted command may take a quarter of a mebibyte.
const PAGE_EVENTS = 100;

/**
 * What was accepted and not settled, in order of acceptance; undefined where it was stopped first. Settled streams of
 * which a crash left more than the outcome are cut down to it.
 */
export async function findUnsettled(
  store: EventStore,
  isStopped: () => boolean,
): Promise<readonly DeferredEntry[] | undefined> {
  const unsettled = new Map<string, DeferredEntry>();

  async function take(event: StoredEvent): Promise<void> {
    const id = toAggregateId(event.stream);
    const { state, asked } = fromDeferredEvent(event);
    if (state === 'accepted') unsettled.set(id, { id, target: toStreamName(asked.aggregate, asked.id) });
    else if (unsettled.delete(id)) await store.truncateBefore(event.stream, event.revision);
  }

  let after: Position | undefined;
  for (;;) {
    if (isStopped()) return undefined;
    const page = await store.readAll({
      filter: { categories: [DEFERRED_CATEGORY] },
      limit: PAGE_EVENTS,
      ...(after !== undefined && { after }),
    });
    for (const event of page) await take(event);
    if (page.length < PAGE_EVENTS) return [...unsettled.values()];
    after = page.at(-1)?.position;
  }
}
