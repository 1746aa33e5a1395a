import type { AggregateDefinition } from '@weft/client/protocol';
import { AGGREGATE_SCHEMA_VERSION, toEventData } from '../aggregates/aggregateCodec.ts';
import type { Applied } from '../domain/decision.ts';
import type { NewEvent } from '../event-store/eventStore.ts';
import { toUuid } from '../lifecycle/toUuid.ts';
import type { Decided } from './decided.ts';
import { toMetadata } from './commandMetadata.ts';
import { toRequestHash } from './idempotency.ts';

/**
 * The events that a decision appends. The last one has the id by which a repeat of the command is found, and keeps
 * its answer.
 */
export function toNewEvents(
  definition: AggregateDefinition,
  { request, decision, eventId, at }: Decided<Applied>,
): NewEvent[] {
  const { user, idempotencyKey, command } = request;
  const metadata = {
    at,
    user,
    schemaVersion: AGGREGATE_SCHEMA_VERSION,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  };
  const requestHash = idempotencyKey === undefined ? undefined : toRequestHash(command);
  const last = decision.events.length - 1;
  return decision.events.map((event, index) => ({
    id: index === last ? eventId : toUuid(`${eventId}\0${index}`),
    ...toEventData(definition, event),
    metadata: index === last ? { ...metadata, ...toMetadata(decision, requestHash) } : metadata,
  }));
}
