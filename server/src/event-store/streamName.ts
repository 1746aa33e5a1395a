import type { StreamName } from './eventStore.ts';

/** The stream of an aggregate's fields. */
export function toStreamName(aggregate: string, id: string): StreamName {
  return `${aggregate}-${id}` as StreamName;
}

/** A stream beside that of an aggregate's fields, in a category of its own. */
export function toSideStreamName(aggregate: string, side: string, id: string): StreamName {
  return `${aggregate}.${side}-${id}` as StreamName;
}

/** The stream of one of an aggregate's texts. */
export function toTextStreamName(aggregate: string, field: string, id: string): StreamName {
  return toSideStreamName(aggregate, field, id);
}

/** The part of a stream's name that all streams of one kind share. */
export function toCategory(stream: StreamName): string {
  return stream.slice(0, stream.indexOf('-'));
}

/** The id of the aggregate that a stream belongs to. */
export function toAggregateId(stream: StreamName): string {
  return stream.slice(stream.indexOf('-') + 1);
}
