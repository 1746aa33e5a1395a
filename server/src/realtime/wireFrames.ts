/** Bytes up to which a message is copied behind its header. A larger one is written beside it. */
export const MAX_COPIED_BYTES = 16 * 1024;

/** Makes what goes over the wire of a binary message of at most `MAX_COPIED_BYTES`: a frame of RFC 6455, section 5.2. */
export type ToWire = (message: Uint8Array) => Uint8Array;

const FINAL_BINARY = 0x82;
const LENGTH_IN_TWO_BYTES = 126;

/** What goes to many is sent to one after the other, and is made for the first of them only. */
export function createToWire(): ToWire {
  let last: { readonly message: Uint8Array; readonly wire: Uint8Array } | undefined;
  return (message) => {
    if (last?.message !== message) last = { message, wire: toWire(message) };
    return last.wire;
  };
}

/** A server masks nothing. */
function toWire(message: Uint8Array): Uint8Array {
  const { length } = message;
  const headerLength = length < LENGTH_IN_TWO_BYTES ? 2 : 4;
  const wire = Buffer.allocUnsafe(headerLength + length);
  wire[0] = FINAL_BINARY;
  if (headerLength === 2) {
    wire[1] = length;
  } else {
    wire[1] = LENGTH_IN_TWO_BYTES;
    wire.writeUInt16BE(length, 2);
  }
  wire.set(message, headerLength);
  return wire;
}
