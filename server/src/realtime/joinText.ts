import type { CloseReason } from '@weft/client/protocol';
import type { TextAddress, TextParticipant, TextSeat } from '../text/textParticipant.ts';
import type { RealtimeServices } from './services.ts';

export type JoinTextResult =
  | { readonly outcome: 'joined'; readonly seat: TextSeat }
  | { readonly outcome: 'refused'; readonly reason: CloseReason; readonly detail: string };

/** Lets a participant into a text that is there. */
export async function joinText(
  { reader, rooms, textNames }: Pick<RealtimeServices, 'reader' | 'rooms' | 'textNames'>,
  address: TextAddress,
  participant: TextParticipant,
): Promise<JoinTextResult> {
  const exists = async () => (await reader.read(address.aggregate, address.id)).status === 'existing';
  const isThere = textNames.get(address.aggregate)?.includes(address.field) === true && (await exists());
  if (!isThere) return refuse('not-found', 'there is no such text');
  const joined = await rooms.join(address, participant);
  if (joined.outcome === 'unavailable') return refuse('unavailable', joined.detail);
  let isWelcome = false;
  try {
    // The aggregate may have been deleted, and its room emptied, while this one was on its way in.
    isWelcome = await exists();
  } finally {
    if (!isWelcome) joined.seat.leave();
  }
  return isWelcome ? joined : refuse('not-found', 'there is no such text');
}

function refuse(reason: CloseReason, detail: string): JoinTextResult {
  return { outcome: 'refused', reason, detail };
}
