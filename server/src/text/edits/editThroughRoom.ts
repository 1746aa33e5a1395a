import { type CloseReason, decodeTextFrame, encodeTextFrame, type User } from '@weft/client/protocol';
import type { Revision } from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { TextParticipant, TextSeat } from '../textParticipant.ts';
import type { TextStamp } from '../textReader.ts';

/** The updates of an edit, and who makes it. */
export type RoomEdit = {
  /** Each depends on those before it. */
  readonly updates: readonly Uint8Array[];
  readonly user: User;
  /** What they were made from. */
  readonly base: TextStamp;
};

/** A room with a place in it. */
export type Entered = {
  readonly outcome: 'joined';
  readonly seat: TextSeat;
  /** Of what is durable of the text, at any time. */
  readonly revision: () => Revision | undefined;
};

/** The text cannot be had now. */
export type NotEntered = { readonly outcome: 'unavailable'; readonly detail: string };

export type RoomEditServices = {
  readonly clock: Clock;
  enter(participant: TextParticipant): Promise<Entered | NotEntered>;
};

export type RoomEditResult =
  /** It is durable. `isAlone`: nobody else changed the text since its base. */
  | { readonly outcome: 'saved'; readonly revision: Revision; readonly isAlone: boolean }
  | { readonly outcome: 'closed'; readonly reason: CloseReason; readonly detail: string }
  | NotEntered
  | { readonly outcome: 'timed-out' };

/** Milliseconds for which an edit waits to be stored. */
const SAVE_TIMEOUT_MS = 10_000;

/** Brings an edit into a room as a participant that leaves when it is saved. */
export async function editThroughRoom(
  { clock, enter }: RoomEditServices,
  { updates, user, base }: RoomEdit,
): Promise<RoomEditResult> {
  const { promise, resolve } = Promise.withResolvers<RoomEditResult>();
  let isAlone = true;
  const participant: TextParticipant = {
    user,
    wantsSaved: true,
    epoch: base.epoch,
    send: (bytes) => {
      const frame = decodeTextFrame(bytes);
      if (frame?.kind === 'update') isAlone = false;
      // Sent in the same turn in which it was stored: the room is as it was when it was.
      if (frame?.kind !== 'saved' || frame.count < updates.length) return;
      const revision = entered.outcome === 'joined' ? entered.revision() : undefined;
      if (revision !== undefined) resolve({ outcome: 'saved', revision, isAlone });
    },
    close: (reason, detail) => resolve({ outcome: 'closed', reason, detail }),
  };
  const entered: Entered | NotEntered = await enter(participant);
  if (entered.outcome === 'unavailable') return entered;
  const { seat, revision } = entered;
  if (revision() !== base.revision) isAlone = false;
  const cancel = clock.after(SAVE_TIMEOUT_MS, () => resolve({ outcome: 'timed-out' }));
  for (const update of updates) seat.receive(encodeTextFrame({ kind: 'update', update }));
  const result = await promise;
  cancel();
  seat.leave();
  return result;
}
