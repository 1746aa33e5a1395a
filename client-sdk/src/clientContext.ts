import type { Channels } from './connection/channels.ts';
import type { Connection } from './connection/connection.ts';
import type { Report } from './lifecycle/clientReport.ts';
import type { Clock } from './connection/clock.ts';

/** What everything of one client shares. */
export type ClientContext = {
  readonly connection: Connection;
  readonly channels: Channels;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** A new idempotency key: unique for ever. */
  readonly createKey: () => string;
  readonly report: Report;
};
