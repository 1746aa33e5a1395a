import { type CloseReason, decodeTextFrame, encodeTextFrame, type User } from '@weft/client/protocol';
import type { Revision } from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { TextParticipant, TextSeat } from '../textParticipant.ts';
import type { TextStamp } from '../textReader.ts';
import { EMPTY_UPDATE } from '../update/mergeUpdates.ts';

/** An edit, and who makes it. */
export type RoomEdit = {
  /** All of it: a room takes an update as a whole or not at all. */
  readonly update: Uint8Array;
  readonly user: User;
  /** What it was made from. */
  readonly base: TextStamp;
  /** The client id that only this edit is made under. Default: it is made under one that others are made under too. */
  readonly client?: number | undefined;
};

/** A room with a place in it. */
export type Entered = {
  readonly outcome: 'joined';
  readonly seat: TextSeat;
  /** Of what is durable of the text, at any time. */
  readonly revision: () => Revision | undefined;
  /** Whether the room has taken something of this client, durable or not yet. */
  readonly isAccepted: (client: number) => boolean;
};

/** The text cannot be had now. Nothing was sent. */
export type NotEntered = { readonly outcome: 'unavailable'; readonly detail: string };

export type RoomEditServices = {
  readonly clock: Clock;
  enter(participant: TextParticipant): Promise<Entered | NotEntered>;
};

export type RoomEditResult =
  /** It is durable. `isAlone`: nobody else changed the text since its base, and it was not there before. */
  | { readonly outcome: 'saved'; readonly revision: Revision; readonly isAlone: boolean }
  | { readonly outcome: 'closed'; readonly reason: CloseReason; readonly detail: string }
  | NotEntered
  | { readonly outcome: 'timed-out' };

/** Milliseconds for which an edit waits to be stored. */
const SAVE_TIMEOUT_MS = 10_000;

/** Brings an edit into a room as a participant that leaves when it is saved. */
export async function editThroughRoom(
  { clock, enter }: RoomEditServices,
  { update, user, base, client }: RoomEdit,
): Promise<RoomEditResult> {
  const { promise, resolve } = Promise.withResolvers<RoomEditResult>();
  let isAlone = true;
  const participant: TextParticipant = {
    user,
    wantsSaved: true,
    epoch: base.epoch,
    // It comes from no network: what may be as large is limited where it is asked for.
    maxFrameBytes: Infinity,
    send: (bytes) => {
      const frame = decodeTextFrame(bytes);
      if (frame?.kind === 'update') isAlone = false;
      if (frame?.kind !== 'saved') return;
      // Sent in the same turn in which it was stored: the room is as it was when it was.
      const revision = entered.outcome === 'joined' ? entered.revision() : undefined;
      if (revision !== undefined) resolve({ outcome: 'saved', revision, isAlone });
    },
    close: (reason, detail) => resolve({ outcome: 'closed', reason, detail }),
  };
  const entered: Entered | NotEntered = await enter(participant);
  if (entered.outcome === 'unavailable') return entered;
  const { seat, revision } = entered;
  // It came in before and is not stored yet. Made of another base, it may be another: only to wait for it is right.
  const isRepeated = client !== undefined && entered.isAccepted(client);
  if (isRepeated || revision() !== base.revision) isAlone = false;
  const cancel = clock.after(SAVE_TIMEOUT_MS, () => resolve({ outcome: 'timed-out' }));
  seat.receive(encodeTextFrame({ kind: 'update', update: isRepeated ? EMPTY_UPDATE : update }));
  const result = await promise;
  cancel();
  seat.leave();
  return result;
}
