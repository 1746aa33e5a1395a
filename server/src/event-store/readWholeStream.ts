import type { EncodedStoredEvent } from './encodedEvent.ts';
import type { EventLog, EventPage, ReadStreamRequest, StreamPage } from './eventLog.ts';

/**
 * Reads a stream page by page up to the request's limit. The events and the last revision in the answer belong
 * together, whatever happens between two pages: what was appended is left out, and where the next events were
 * truncated, those before them, read already, are dropped too.
 */
export async function readWholeStream(log: EventLog, request: ReadStreamRequest): Promise<StreamPage> {
  const first = await log.readStream(request);
  if (first.outcome !== 'read') return first;
  const { lastRevision } = first;
  const isForwards = request.direction === 'forwards';
  const events = [...first.events];

  let hasMore = !first.end;
  while (hasMore && events.length < request.limit) {
    const from = toNext(events, isForwards);
    const page = await log.readStream({ ...request, from, limit: request.limit - events.length });
    if (page.outcome !== 'read') return page;
    if (isForwards && page.events[0]?.revision !== from) events.length = 0;
    events.push(...page.events.filter(({ revision }) => revision <= lastRevision));
    hasMore = hasMoreUpTo(lastRevision, page);
  }
  return { ...first, events };
}

function toNext(events: readonly EncodedStoredEvent[], isForwards: boolean): bigint | undefined {
  const last = events.at(-1)?.revision;
  if (last === undefined) return undefined;
  return isForwards ? last + 1n : last - 1n;
}

function hasMoreUpTo(lastRevision: bigint, { events, end }: EventPage): boolean {
  const last = events.at(-1);
  return !end && last !== undefined && last.revision <= lastRevision;
}
