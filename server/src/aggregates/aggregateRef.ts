import { type AggregateDefinition, isAggregateId } from '@weft/client/protocol';
import type { StreamName } from '../event-store/eventStore.ts';
import { toAggregateId, toCategory, toStreamName } from '../event-store/streamName.ts';

/** Names one aggregate of a known type. */
export type AggregateRef = { readonly definition: AggregateDefinition; readonly id: string };

/** The stream of an aggregate's fields. */
export function toStreamOf({ definition, id }: AggregateRef): StreamName {
  return toStreamName(definition.name, id);
}

/** The aggregate whose fields a stream holds; undefined where no aggregate of these types can have it. */
export function toRefOf(
  definitions: ReadonlyMap<string, AggregateDefinition>,
  stream: StreamName,
): AggregateRef | undefined {
  const definition = definitions.get(toCategory(stream));
  const id = toAggregateId(stream);
  if (!definition || !isAggregateId(id)) return undefined;
  // A name without a dash has a category and an id, and is still no stream of ours.
  return toStreamName(definition.name, id) === stream ? { definition, id } : undefined;
}
