import * as decoding from 'lib0/decoding';
import { MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from './updateLimits.ts';
import { UpdateRefusal } from './updateRefusal.ts';

/** The first byte of a value of any type, as lib0's `writeAny` writes it. */
const ANY_TAGS = {
  bytes: 116,
  array: 117,
  object: 118,
  string: 119,
  bigint: 122,
  float64: 123,
  float32: 124,
  integer: 125,
};

/**
 * The bytes of the value that comes next. Throws an `UpdateRefusal` where it is too big or too deep, without making it:
 * a value of a few million elements takes longer to make than everything else. What is no value is left to whoever
 * reads it.
 */
export function measureAny(decoder: decoding.Decoder): number {
  const start = decoder.pos;
  skipAny(decoder, start + MAX_VALUE_BYTES, 0);
  const bytes = decoder.pos - start;
  decoder.pos = start;
  return bytes;
}

function skipAny(decoder: decoding.Decoder, end: number, depth: number): void {
  const tag = decoding.readUint8(decoder);
  const isContainer = tag === ANY_TAGS.array || tag === ANY_TAGS.object;
  if (!isContainer) skipScalar(decoder, tag);
  else if (depth >= MAX_VALUE_DEPTH) throw new UpdateRefusal('malformed', 'a value is too deep');
  else {
    for (let left = decoding.readVarUint(decoder); left > 0 && decoder.pos < decoder.arr.length; left--) {
      if (tag === ANY_TAGS.object) skipBytes(decoder);
      skipAny(decoder, end, depth + 1);
    }
  }
  if (decoder.pos > decoder.arr.length) throw new UpdateRefusal('malformed', 'the update is cut');
  if (decoder.pos > end) throw new UpdateRefusal('too-big', 'a value is too big');
}

function skipScalar(decoder: decoding.Decoder, tag: number): void {
  switch (tag) {
    case ANY_TAGS.bytes:
    case ANY_TAGS.string:
      return skipBytes(decoder);
    case ANY_TAGS.bigint:
    case ANY_TAGS.float64:
      decoder.pos += 8;
      return;
    case ANY_TAGS.float32:
      decoder.pos += 4;
      return;
    case ANY_TAGS.integer:
      decoding.readVarInt(decoder);
      return;
    default:
  }
}

function skipBytes(decoder: decoding.Decoder): void {
  const length = decoding.readVarUint(decoder);
  decoder.pos += length;
}
