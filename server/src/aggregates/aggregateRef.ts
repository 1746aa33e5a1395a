import type { AggregateDefinition } from '@weft/client/protocol';
import type { StreamName } from '../event-store/eventStore.ts';
import { toStreamName } from '../event-store/streamName.ts';

/** Names one aggregate of a known type. */
export type AggregateRef = { readonly definition: AggregateDefinition; readonly id: string };

/** The stream of an aggregate's fields. */
export function toStreamOf({ definition, id }: AggregateRef): StreamName {
  return toStreamName(definition.name, id);
}
