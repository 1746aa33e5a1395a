import type { EventStore } from '../event-store/eventStore.ts';
import type { Clock } from '../lifecycle/clock.ts';
import type { Logger } from '../lifecycle/logger.ts';
import type { UpdateDecoder } from './decodeUpdate.ts';
import type { EditHooks } from './editReport.ts';
import type { Materialiser } from './materialiser.ts';
import type { PendingBytes } from './pendingBytes.ts';
import type { SnapshotPolicy } from './snapshotPolicy.ts';

/** What all rooms share. */
export type RoomServices = EditHooks & {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes event ids: UUIDs. */
  readonly createId: () => string;
  readonly decode: UpdateDecoder;
  readonly materialiser: Materialiser;
  readonly snapshotPolicy: SnapshotPolicy;
  /** What waits for the store in all rooms. */
  readonly pending: PendingBytes;
};
