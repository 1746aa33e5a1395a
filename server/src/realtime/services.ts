import type { AggregateReader } from '../aggregates/aggregateReader.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { CommandHandler } from '../commands/commandHandler.ts';
import type { Clock } from '../lifecycle/clock.ts';
import type { Logger } from '../lifecycle/logger.ts';
import type { AggregateLists } from '../projections/aggregateLists.ts';
import type { TextRooms } from '../text/textRooms.ts';

/** What sockets are served from. Whoever made them closes them. */
export type RealtimeServices = {
  readonly authenticate: Authenticate;
  readonly commands: CommandHandler;
  readonly reader: AggregateReader;
  readonly lists: AggregateLists;
  readonly rooms: TextRooms;
  /** The text fields of each aggregate type. */
  readonly textNames: ReadonlyMap<string, readonly string[]>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly createId: () => string;
};
