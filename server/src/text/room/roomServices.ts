import type { TextKind } from '@weft/client/protocol';
import type { EventStore, StreamName } from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';
import type { UpdateDecoder } from '../update/decodeUpdate.ts';
import type { EditHooks } from './editReport.ts';
import type { Ticks } from './ticks.ts';
import type { Materialiser } from '../document/materialiser.ts';
import type { LoadedText } from '../stored/loadText.ts';
import type { PendingBytes } from '../stored/pendingBytes.ts';
import type { SnapshotPolicy } from '../stored/snapshotPolicy.ts';

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
  /** All rooms store together what has gathered, so that they share commits. */
  readonly ticks: Ticks;
  /** What waits for the store in all rooms. */
  readonly pending: PendingBytes;
};

/** What one room is of. */
export type RoomOptions = {
  readonly stream: StreamName;
  /** The root type's name. */
  readonly field: string;
  readonly kind: TextKind;
  readonly text: LoadedText;
  /** Called once, when the room has ended: nothing of it runs any more. */
  readonly onEnded: () => void;
};
