import type { EncodedStoredEvent } from './encodedEvent.ts';
import type { EventLog, ReadAllRequest } from './eventLog.ts';

/** Reads events of all streams page by page up to the request's limit. */
export async function readManyPages(
  log: EventLog,
  request: ReadAllRequest,
): Promise<readonly EncodedStoredEvent[]> {
  const events: EncodedStoredEvent[] = [];
  let hasMore = true;
  while (hasMore && events.length < request.limit) {
    const after = events.at(-1)?.position ?? request.after;
    const page = await log.readAll({ ...request, after, limit: request.limit - events.length });
    events.push(...page.events);
    hasMore = !page.end;
  }
  return events;
}
