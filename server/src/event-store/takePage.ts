import { type EncodedStoredEvent, toEventSize } from './encodedEvent.ts';
import type { EventPage } from './eventLog.ts';

/** Most events in a page: bounds how long a read holds up the appends behind it. */
export const MAX_PAGE_EVENTS = 500;

/** A page takes no further event from here on; so it is at most this and one event. */
export const MAX_PAGE_BYTES = 1024 * 1024;

/** Takes what fits into a page off events that are produced as they are asked for. */
export function takePage(events: Iterable<EncodedStoredEvent>, limit: number): EventPage {
  const taken: EncodedStoredEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    if (taken.length >= Math.min(limit, MAX_PAGE_EVENTS) || bytes >= MAX_PAGE_BYTES) {
      return { events: taken, end: false };
    }
    taken.push(event);
    bytes += toEventSize(event);
  }
  return { events: taken, end: true };
}
