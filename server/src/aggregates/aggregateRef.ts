import { type AggregateDefinition, isAggregateId } from '@weft/client/protocol';
import type { StreamName } from '../event-store/eventStore.ts';
import { toAggregateId, toCategory, toStreamName } from '../event-store/streamName.ts';

/** Names one aggregate of a known type. */
export type AggregateRef = { readonly definition: AggregateDefinition; readonly id: string };

/** An aggregate as somebody names it. */
export type AggregateAddress = { readonly aggregate: string; readonly id: string };

/** `missing` where no aggregate can have the id. Whether there is one is not asked. */
export function findRef(
  definitions: ReadonlyMap<string, AggregateDefinition>,
  { aggregate, id }: AggregateAddress,
): AggregateRef | 'unknown-aggregate' | 'missing' {
  const definition = definitions.get(aggregate);
  if (!definition) return 'unknown-aggregate';
  return isAggregateId(id) ? { definition, id } : 'missing';
}

/** The stream of an aggregate's fields. */
export function toStreamOf({ definition, id }: AggregateRef): StreamName {
  return toStreamName(definition.name, id);
}

/** The aggregate whose fields a stream holds; undefined where no aggregate of these types can have it. */
export function toRefOf(
  definitions: ReadonlyMap<string, AggregateDefinition>,
  stream: StreamName,
): AggregateRef | undefined {
  const ref = findRef(definitions, { aggregate: toCategory(stream), id: toAggregateId(stream) });
  // A name without a dash has a category and an id, and is still no stream of ours.
  return typeof ref !== 'string' && toStreamOf(ref) === stream ? ref : undefined;
}
