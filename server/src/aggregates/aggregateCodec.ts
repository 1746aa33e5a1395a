import type { AggregateDefinition, FieldValues } from '@weft/client/protocol';
import type { AggregateEvent } from '../domain/aggregateEvent.ts';
import type { EventData, Json, StoredEvent } from '../event-store/eventStore.ts';

export const AGGREGATE_SCHEMA_VERSION = 1;

/** Writes an event as `NoteCreated { fields }`, `NoteChanged { changes }`, `NoteDeleted {}`, or as its definition names it. */
export function toEventData(
  definition: AggregateDefinition,
  event: AggregateEvent,
): EventData & { readonly type: string } {
  const noun = toNoun(definition);
  switch (event.kind) {
    case 'created':
      return { type: `${noun}Created`, format: 'json', data: { fields: event.fields as Json } };
    case 'changed':
      return { type: `${noun}Changed`, format: 'json', data: { changes: event.changes as Json } };
    case 'deleted':
      return { type: `${noun}Deleted`, format: 'json', data: {} };
    case 'domain':
      return { type: event.type, format: 'json', data: event.data as Json };
  }
}

/**
 * Reads an event back. A field that was added to the definition later has its initial value from the start. The event
 * shares its values with what is stored.
 *
 * @throws Error where the event is none of the definition's: the store holds what this server does not understand.
 */
export function fromStoredEvent(
  definition: AggregateDefinition,
  stored: Pick<StoredEvent, 'stream' | 'type' | 'data'>,
): AggregateEvent {
  const noun = toNoun(definition);
  const data = stored.data as { readonly fields?: FieldValues; readonly changes?: FieldValues };
  switch (stored.type) {
    case `${noun}Created`:
      return { kind: 'created', fields: { ...definition.initial, ...data.fields } };
    case `${noun}Changed`:
      return { kind: 'changed', changes: data.changes ?? {} };
    case `${noun}Deleted`:
      return { kind: 'deleted' };
    default:
      if (Object.hasOwn(definition.events, stored.type)) {
        return { kind: 'domain', type: stored.type, data: stored.data };
      }
      throw new Error(`${stored.stream} holds an event of the unknown type '${stored.type}'`);
  }
}

/** How the types of an aggregate's events begin. */
export function toNoun(definition: AggregateDefinition): string {
  return definition.name.charAt(0).toUpperCase() + definition.name.slice(1);
}
