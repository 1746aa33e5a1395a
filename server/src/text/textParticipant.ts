import type { CloseReason, User } from '@weft/client/protocol';

/** Which text: a text field of an aggregate. */
export type TextAddress = {
  readonly aggregate: string;
  readonly id: string;
  readonly field: string;
};

/** One socket's or channel's end in a room. Neither method throws; both may call the seat's `leave`. */
export interface TextParticipant {
  readonly user: User;
  /** Whether it understands `saved` frames; a stock y-websocket client does not. */
  readonly wantsSaved: boolean;
  /** The epoch of the text that it has already; undefined where it has none, or does not know. */
  readonly epoch?: string | undefined;
  /** Of a frame that it sends. Default: `MAX_TEXT_FRAME_BYTES`, as for whatever comes from outside. */
  readonly maxFrameBytes?: number | undefined;
  /** Sends one y-websocket frame, which may be shared with others and must not be changed. */
  send(frame: Uint8Array): void;
  /** The room has no more to do with it: it sends nothing after this, and ignores what is received. */
  close(reason: CloseReason, detail: string): void;
}

/** The room's end of a participant. Both methods are synchronous, and neither throws. */
export interface TextSeat {
  /** Of the text, for as long as the room is open. */
  readonly epoch: string;
  /** Takes one y-websocket frame. The bytes are the caller's again when it returns. */
  receive(frame: Uint8Array): void;
  /** Idempotent. */
  leave(): void;
}
