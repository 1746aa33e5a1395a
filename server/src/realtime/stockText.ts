import type { TextAddress, TextSeat } from '../text/textParticipant.ts';
import { joinText } from './joinText.ts';
import type { OpenLiveSocket } from './liveSocket.ts';
import type { RealtimeServices } from './services.ts';

export type StockTextTarget = {
  readonly address: TextAddress;
  readonly token: string | undefined;
  readonly wantsSaved: boolean;
  /** Of the text that the client has already. */
  readonly epoch: string | undefined;
};

type StockSocketState =
  | { readonly state: 'joining' }
  | { readonly state: 'joined'; readonly seat: TextSeat }
  | { readonly state: 'ended' };

/** Serves one text on a socket of its own, as y-websocket's provider speaks. */
export function serveStockText(
  services: RealtimeServices,
  open: OpenLiveSocket,
  target: StockTextTarget,
): void {
  let current: StockSocketState = { state: 'joining' };
  const live = open({
    onText: () => live.close('invalid-message', 'frames are binary here'),
    onBinary: (bytes) => {
      if (current.state === 'joined') current.seat.receive(bytes);
    },
    onClose: () => {
      if (current.state === 'joined') current.seat.leave();
      current = { state: 'ended' };
    },
  });
  // The client speaks first; what it says is left in the socket until there is a room to hear it.
  live.pause();
  join().catch((error: unknown) => {
    services.logger.error({ err: error }, 'a text could not be joined');
    live.close('internal', 'something went wrong here; reconnect');
    live.resume();
  });

  async function join(): Promise<void> {
    const seat = await enter();
    if (seat && current.state === 'ended') seat.leave();
    else if (seat) current = { state: 'joined', seat };
    live.resume();
  }

  async function enter(): Promise<TextSeat | undefined> {
    const identity = await services.authenticate({ token: target.token });
    if (identity.outcome === 'refused') {
      live.close('unauthenticated', identity.detail);
      return undefined;
    }
    const joined = await joinText(services, target.address, {
      user: identity.user,
      wantsSaved: target.wantsSaved,
      epoch: target.epoch,
      send: live.send,
      close: live.close,
    });
    if (joined.outcome === 'joined') return joined.seat;
    live.close(joined.reason, joined.detail);
    return undefined;
  }
}
