import type { OperationId } from '../update/checkUpdate.ts';
import type { TextParticipant } from '../textParticipant.ts';

/** What a room knows of one participant. */
export type Seat = {
  readonly participant: TextParticipant;
  /** Update frames (sync step 2 and update) that it sent. */
  received: number;
  /** Whether a sync step 1 is on its way that it has not answered. */
  isAsked: boolean;
  /**
   * What an update of it needed and the room does not have. While it is set, no further frame counts as saved: the
   * participant's next complete sync step 2 brings again whatever was not stored.
   */
  missing: OperationId | undefined;
};

export function createSeat(participant: TextParticipant): Seat {
  return { participant, received: 0, isAsked: false, missing: undefined };
}
