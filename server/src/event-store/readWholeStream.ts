import type { EncodedStoredEvent } from './encodedEvent.ts';
import type { EventLog, ReadStreamRequest, StreamPage } from './eventLog.ts';

/**
 * Reads a stream page by page up to the request's limit, and not beyond the revision that was its last when the
 * reading began. Where the next events are truncated between two pages, those before them, read already, are
 * dropped too: the answer has no gap.
 */
export async function readWholeStream(log: EventLog, request: ReadStreamRequest): Promise<StreamPage> {
  const first = await log.readStream(request);
  if (first.outcome !== 'read') return first;
  const { lastRevision } = first;
  const step = request.direction === 'forwards' ? 1n : -1n;
  const events: EncodedStoredEvent[] = [...first.events];

  for (let page = first; !page.end && events.length < request.limit;) {
    const next = (events.at(-1)?.revision ?? lastRevision) + step;
    if (next > lastRevision) break;
    const following = await log.readStream({ ...request, from: next, limit: request.limit - events.length });
    if (following.outcome !== 'read') return following;
    if (step === 1n && following.events[0]?.revision !== next) events.length = 0;
    events.push(...following.events);
    page = following;
  }
  return { ...first, events: events.filter((event) => event.revision <= lastRevision) };
}
