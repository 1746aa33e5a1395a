import type { Channels } from './connection/channels.ts';
import type { Clock } from './connection/clock.ts';
import type { Connection } from './connection/connection.ts';
import type { DecidableConflict, Decision } from './conflictDefaults/decideByDefaults.ts';
import type { SendWindow } from './fields/sendWindow.ts';
import type { LateOutcome } from './lateOutcome.ts';
import type { Report } from './lifecycle/clientReport.ts';
import type { StorageAccess } from './storage/storageAccess.ts';

/** What everything of one client shares. */
export type ClientContext = {
  readonly connection: Connection;
  readonly channels: Channels;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** A new idempotency key: unique for ever. */
  readonly createKey: () => string;
  /** Greater each time, also from page to page: the time, with a count behind it. */
  readonly nextOrder: () => number;
  /** An order that was given before, by whichever page: the next is greater. */
  readonly noteOrder: (order: number) => void;
  readonly sending: SendWindow;
  readonly report: Report;
  /** Undefined where nothing is to outlive the page. */
  readonly storage: StorageAccess | undefined;
  /** Tells the application what became of a command whose asker is gone. */
  readonly tellLate: (outcome: LateOutcome) => void;
  /** What the application's resolvers make of a conflict; undefined where somebody has to be asked. */
  readonly decideByDefault: (aggregate: string, conflict: DecidableConflict) => Decision | undefined;
};
