import type { Json, NewEvent, Position, Revision, StoredEvent, StreamName } from './eventStore.ts';
import { EventStoreError } from './eventStoreError.ts';

/** An event as it is kept: JSON as its text, bytes as a copy, so that nobody can change it from outside. */
export type EncodedEvent = {
  readonly id: string;
  readonly type: string;
  readonly metadata: string;
  readonly data: string | Uint8Array;
};

export type EncodedStoredEvent = EncodedEvent & {
  readonly stream: StreamName;
  readonly revision: Revision;
  readonly position: Position;
};

/** Throws `TypeError` for data that JSON cannot carry. */
export function encodeEvent({ id, type, metadata, ...event }: NewEvent): EncodedEvent {
  // Copied as a plain Uint8Array of its own: a view would drag its whole buffer through a structured clone.
  const data = event.format === 'bytes' ? new Uint8Array(event.data) : toJsonText(event.data);
  return { id, type, metadata: toJsonText(metadata), data };
}

/** Everything in the answer is the caller's own. Throws `EventStoreError` where what is kept is no JSON any more. */
export function decodeEvent({ data, metadata, ...event }: EncodedStoredEvent): StoredEvent {
  try {
    const kept = { ...event, metadata: JSON.parse(metadata) as StoredEvent['metadata'] };
    return typeof data === 'string'
      ? { ...kept, format: 'json', data: JSON.parse(data) as Json }
      : { ...kept, format: 'bytes', data: new Uint8Array(data) };
  } catch (cause) {
    throw new EventStoreError('corrupt', `event ${event.revision} of ${event.stream} is damaged`, { cause });
  }
}

/** About what an event takes in memory or in a message, in bytes. */
export function toEventSize({ data, metadata }: EncodedEvent): number {
  return data.length + metadata.length;
}

function toJsonText(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`an event's data must be JSON, not ${typeof value}`);
  return text;
}
