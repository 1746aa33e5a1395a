import {
  CLOSE_CODES,
  type CloseReason,
  encodeChannelFrame,
  MAX_CHANNELS_PER_SESSION,
} from '@weft/client/protocol';
import type { TextAddress, TextParticipant, TextSeat } from '../text/textParticipant.ts';
import { joinText } from './joinText.ts';
import type { RealtimeServices } from './services.ts';
import type { SessionSocket } from './sessionSocket.ts';

/** Who opens a text, and of which epoch the text is that they have. */
export type ChannelOpener = Pick<TextParticipant, 'user' | 'epoch'>;

/** The texts that one session has open. */
export type SessionChannels = {
  /** Whether the channel was free to take. */
  open(channel: number, address: TextAddress, opener: ChannelOpener): Promise<boolean>;
  close(channel: number): void;
  /** A frame for a channel that is not open is dropped: it may have crossed the channel's end. */
  receive(channel: number, frame: Uint8Array): void;
  closeAll(): void;
};

type Channel =
  // What the room says before the client was told that the channel is open waits here.
  | { readonly state: 'opening'; readonly outbox: Uint8Array[] }
  | { readonly state: 'open'; readonly seat: TextSeat };

export function createSessionChannels(services: RealtimeServices, socket: SessionSocket): SessionChannels {
  const channels = new Map<number, Channel>();

  async function open(number: number, address: TextAddress, opener: ChannelOpener): Promise<boolean> {
    if (channels.has(number)) return false;
    if (channels.size >= MAX_CHANNELS_PER_SESSION) {
      sendClosed(number, 'rate-limited', 'too many texts are open');
      return true;
    }
    const opening: Channel = { state: 'opening', outbox: [] };
    channels.set(number, opening);
    const joined = await joinText(services, address, createParticipant(number, opener));
    // The client, or the room itself, may have closed the channel while it opened.
    const stillWanted = channels.get(number) === opening;
    if (joined.outcome === 'joined' && !stillWanted) joined.seat.leave();
    if (!stillWanted) return true;
    if (joined.outcome === 'refused') {
      channels.delete(number);
      sendClosed(number, joined.reason, joined.detail);
      return true;
    }
    channels.set(number, { state: 'open', seat: joined.seat });
    socket.sendMessage({ type: 'text-opened', channel: number, epoch: joined.seat.epoch });
    for (const frame of opening.outbox) socket.sendBinary(encodeChannelFrame({ channel: number, frame }));
    return true;
  }

  function createParticipant(number: number, opener: ChannelOpener): TextParticipant {
    return {
      ...opener,
      wantsSaved: true,
      send: (frame) => {
        const channel = channels.get(number);
        if (channel?.state === 'opening') channel.outbox.push(frame);
        else if (channel) socket.sendBinary(encodeChannelFrame({ channel: number, frame }));
      },
      close: (reason, detail) => {
        if (!channels.has(number)) return;
        close(number);
        sendClosed(number, reason, detail);
      },
    };
  }

  function sendClosed(channel: number, reason: CloseReason, detail: string): void {
    socket.sendMessage({ type: 'text-closed', channel, code: CLOSE_CODES[reason], reason: detail });
  }

  function close(number: number): void {
    const channel = channels.get(number);
    channels.delete(number);
    if (channel?.state === 'open') channel.seat.leave();
  }

  return {
    open,
    close,
    receive: (number, frame) => {
      const channel = channels.get(number);
      if (channel?.state === 'open') channel.seat.receive(frame);
    },
    closeAll: () => {
      for (const number of [...channels.keys()]) close(number);
    },
  };
}
