import { randomUUID } from 'node:crypto';
import type {
  EventMetadata,
  Json,
  NewEvent,
  StoredEvent,
} from '../../../server/src/event-store/eventStore.ts';

const METADATA: EventMetadata = {
  at: '2025-11-22T10:00:00.000Z',
  user: { id: 'ada', name: 'Ada' },
  schemaVersion: 1,
};

export function jsonEvent(data: Json = null, metadata: Partial<EventMetadata> = {}): NewEvent {
  return { id: randomUUID(), type: 'Happened', metadata: { ...METADATA, ...metadata }, format: 'json', data };
}

export function bytesEvent(data: Uint8Array): NewEvent {
  return { id: randomUUID(), type: 'Happened', metadata: METADATA, format: 'bytes', data };
}

/** Events whose data are the numbers from `first` on. */
export function numberedEvents(count: number, first = 0): NewEvent[] {
  return Array.from({ length: count }, (_, index) => jsonEvent(first + index));
}

export function toIds(events: readonly (NewEvent | StoredEvent)[]): string[] {
  return events.map(({ id }) => id);
}

export function toData(events: readonly (NewEvent | StoredEvent)[]): unknown[] {
  return events.map(({ data }) => data);
}
