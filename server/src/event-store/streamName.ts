import type { StreamName } from './eventStore.ts';

/** The stream of an aggregate's fields. */
export function toStreamName(aggregate: string, id: string): StreamName {
  return `${aggregate}-${id}` as StreamName;
}

/** The stream of one of an aggregate's texts. */
export function toTextStreamName(aggregate: string, field: string, id: string): StreamName {
  return `${aggregate}.${field}-${id}` as StreamName;
}

/** The part of a stream's name that all streams of one kind share. */
export function toCategory(stream: StreamName): string {
  return stream.slice(0, stream.indexOf('-'));
}

/** The id of the aggregate that a stream belongs to. */
export function toAggregateId(stream: StreamName): string {
  return stream.slice(stream.indexOf('-') + 1);
}
