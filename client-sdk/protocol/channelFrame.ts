import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

export type ChannelFrame = { channel: number; frame: Uint8Array };

/** A binary frame of a session: varuint channel, then one y-websocket frame. */
export function encodeChannelFrame({ channel, frame }: ChannelFrame): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, channel);
    encoding.writeUint8Array(encoder, frame);
  });
}

/** Undefined where the bytes are no channel frame. The frame is a view on `bytes`. */
export function decodeChannelFrame(bytes: Uint8Array): ChannelFrame | undefined {
  try {
    const decoder = decoding.createDecoder(bytes);
    const channel = decoding.readVarUint(decoder);
    return { channel, frame: bytes.subarray(decoder.pos) };
  } catch {
    // lib0 throws on cut input; a frame that cannot be read is an expected outcome here.
    return undefined;
  }
}
