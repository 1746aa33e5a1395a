import { randomUUID } from 'node:crypto';
import type { AggregateDefinition } from '@weft/client/protocol';
import { createAggregateRepository } from '../../aggregates/aggregateRepository.ts';
import type { EventStore } from '../../event-store/eventStore.ts';
import { silentLogger } from '../../lifecycle/logger.ts';
import { createCommandHandler } from '../commandHandler.ts';
import { createLosingValues } from '../losingValues.ts';

/** A command handler over a store, at the first moment of 2026. */
export function createTestHandler(definitions: readonly AggregateDefinition[], store: EventStore) {
  const repository = createAggregateRepository({ store, logger: silentLogger });
  const losingValues = createLosingValues(store);
  const handler = createCommandHandler({
    definitions: new Map(definitions.map((definition) => [definition.name, definition])),
    store,
    repository,
    losingValues,
    clock: { now: () => 1_767_225_600_000, after: () => () => undefined },
    createId: () => randomUUID(),
  });
  return { ...handler, repository, losingValues };
}
