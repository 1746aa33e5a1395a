import type {
  EventStore,
  ReadStreamOptions,
  StoredEvent,
  StreamName,
} from '../../../server/src/event-store/eventStore.ts';

/** The events of a stream; none where it is not there. */
export async function readEvents(
  store: EventStore,
  stream: StreamName,
  options?: ReadStreamOptions,
): Promise<readonly StoredEvent[]> {
  const read = await store.readStream(stream, options);
  return read.outcome === 'read' ? read.events : [];
}
