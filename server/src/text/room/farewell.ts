import type { CloseReason } from '@weft/client/protocol';
import type { TakenUpdate } from './textContent.ts';

/** What a participant is told that is sent away. */
export type Farewell = { readonly reason: CloseReason; readonly detail: string };

export const FAREWELLS = {
  deleted: { reason: 'not-found', detail: 'the text was deleted' },
  noFrame: { reason: 'invalid-message', detail: 'that is no y-websocket frame for a server' },
  otherEpoch: {
    reason: 'other-epoch',
    detail: 'the text was begun anew, and what you have of it is of an earlier epoch',
  },
  tooBigFrame: { reason: 'too-big', detail: 'the frame is too big' },
  tooMuchWaits: { reason: 'unavailable', detail: 'more waits to be stored than the server can keep' },
  unhandledFrame: { reason: 'internal', detail: 'the frame could not be handled' },
  unreadableStateVector: { reason: 'invalid-message', detail: 'the state vector cannot be read' },
  unwritable: { reason: 'internal', detail: 'the text could not be written' },
  unreadableStates: { reason: 'invalid-message', detail: 'the awareness states cannot be read' },
} as const satisfies Record<string, Farewell>;

/** What is said to whoever sent an update that is refused; undefined for one that is not. */
export function toFarewell(taken: TakenUpdate): Farewell | undefined {
  switch (taken.outcome) {
    case 'malformed':
      return { reason: 'invalid-message', detail: taken.detail };
    case 'too-big':
      return { reason: 'too-big', detail: taken.detail };
    case 'foreign':
      return { reason: 'forbidden', detail: `the client id ${taken.client} is somebody else's` };
    case 'other-epoch':
      return FAREWELLS.otherEpoch;
    case 'accepted':
    case 'known':
    case 'incomplete':
      return undefined;
  }
}
