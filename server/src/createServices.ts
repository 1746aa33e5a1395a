import type { AggregateDefinition, TextKind } from '@weft/client/protocol';
import { createAggregateReader } from './aggregates/aggregateReader.ts';
import { type AggregateRepository, createAggregateRepository } from './aggregates/aggregateRepository.ts';
import type { Authenticate } from './auth/authenticate.ts';
import { type CommandHandler, createCommandHandler } from './commands/commandHandler.ts';
import { createDeferredCommands, type DeferredCommands } from './commands/deferred/deferredCommands.ts';
import { createLosingValues, type LosingValues } from './commands/losingValues.ts';
import type { EventStore } from './event-store/eventStore.ts';
import type { Clock } from './lifecycle/clock.ts';
import type { Logger } from './lifecycle/logger.ts';
import { createAggregateLists } from './projections/aggregateLists.ts';
import { closeDeletedTexts } from './reactors/closeDeletedTexts.ts';
import type { RealtimeServices } from './realtime/services.ts';
import { createServerTexts, type ServerTexts } from './serverTexts.ts';
import type { Materialiser } from './text/document/materialiser.ts';
import { createPendingBytes, type PendingBytes } from './text/stored/pendingBytes.ts';
import type { TextAddress } from './text/textParticipant.ts';
import { createTextRooms } from './text/textRooms.ts';
import { createTextVersions, type TextVersions } from './text/versions/textVersions.ts';

export type ServicesOptions = {
  readonly aggregates: readonly AggregateDefinition[];
  /** Closed by whoever opened it, after the services. */
  readonly store: EventStore;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes UUIDs. */
  readonly createId: () => string;
  /** Stands between everyone who has a command and the handler. Default: nothing does. */
  readonly watchCommands?: ((commands: CommandHandler) => CommandHandler) | undefined;
  /** Default: one that leaves large texts to a worker thread. */
  readonly materialiser?: Materialiser | undefined;
};

/** Everything of a server but what listens. */
export type Services = RealtimeServices & {
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  readonly repository: AggregateRepository;
  readonly losingValues: LosingValues;
  readonly deferred: DeferredCommands;
  readonly versions: TextVersions;
  /** What of texts waits for the store. */
  readonly pending: PendingBytes;
  readonly texts: ServerTexts;
  /** Stores everything that was accepted, and accepts nothing more. The sockets are still told. Idempotent. */
  drain(): Promise<void>;
  /** After `drain`, when the sockets are gone. Idempotent. */
  close(): Promise<void>;
};

/** Wires everything that works on the store. */
export function createServices(options: ServicesOptions): Services {
  const { aggregates, store, authenticate, clock, logger, createId, materialiser } = options;
  const { watchCommands = (commands: CommandHandler) => commands } = options;
  const definitions = toDefinitions(aggregates);
  const textNames = new Map(aggregates.map(({ name, text }) => [name, Object.keys(text)]));
  const repository = createAggregateRepository({ store, logger });
  const reader = createAggregateReader({ definitions, store, repository });
  const losingValues = createLosingValues(store);
  const commands = watchCommands(
    createCommandHandler({ definitions, store, repository, losingValues, clock, createId }),
  );
  const deferred = createDeferredCommands({ definitions, store, commands, clock, logger, createId });
  const lists = createAggregateLists({ definitions, store, clock, logger });
  const pending = createPendingBytes();
  // Versions are taken of what is in rooms, and rooms tell versions of edits.
  const versions = createTextVersions({
    store,
    clock,
    logger,
    createId,
    texts: {
      read: (address) => rooms.read(address),
      readContent: (address) => rooms.readContent(address),
      edit: (address, edit, by) => rooms.edit(address, edit, by),
    },
  });
  const kindOf = ({ aggregate, field }: TextAddress): TextKind =>
    definitions.get(aggregate)?.text[field]?.kind ?? 'text';
  const { hooks } = versions;
  const rooms = createTextRooms({ store, clock, logger, createId, kindOf, pending, hooks, materialiser });
  const stopReactor = closeDeletedTexts({ lists, rooms, textNames, logger });

  return {
    ...{ definitions, textNames, authenticate, clock, logger, createId },
    ...{ repository, reader, losingValues, commands, deferred, lists, pending, versions, rooms },
    texts: createServerTexts({ reader, rooms, textNames }),
    drain: async () => {
      await deferred.close();
      await versions.close();
      await rooms.close();
    },
    close: async () => {
      stopReactor();
      lists.close();
      await repository.close();
    },
  };
}

function toDefinitions(aggregates: readonly AggregateDefinition[]): ReadonlyMap<string, AggregateDefinition> {
  const definitions = new Map(aggregates.map((definition) => [definition.name, definition]));
  if (definitions.size !== aggregates.length) throw new TypeError('two aggregate types have the same name');
  return definitions;
}
