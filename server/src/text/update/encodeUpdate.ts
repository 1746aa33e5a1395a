import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { ClockRange } from './clockRanges.ts';
import type { Struct } from './decodeUpdate.ts';

/** A struct, or what is left of it from an offset on, in clocks. */
export type Piece = { readonly struct: Struct; readonly offset: number };

/** What one client is told to have, in order of clock, one at least. Nothing is left out between them. */
export type NewSection = { readonly client: number; readonly pieces: readonly Piece[] };

export type NewUpdate = {
  /** By descending client id, as every reader expects. */
  readonly sections: readonly NewSection[];
  readonly deletions: readonly (readonly [client: number, ranges: readonly ClockRange[]])[];
};

/** Writes an update in Yjs' first encoding. */
export function encodeUpdate({ sections, deletions }: NewUpdate): Uint8Array {
  const encoder = new Y.UpdateEncoderV1();
  encoding.writeVarUint(encoder.restEncoder, sections.length);
  for (const section of sections) writeSection(encoder, section);
  encoding.writeVarUint(encoder.restEncoder, deletions.length);
  for (const [client, ranges] of deletions) writeDeletions(encoder, client, ranges);
  return encoder.toUint8Array();
}

function writeSection(encoder: Y.UpdateEncoderV1, { client, pieces }: NewSection): void {
  const [first] = pieces;
  if (!first) throw new RangeError('a section holds one struct at least');
  encoding.writeVarUint(encoder.restEncoder, pieces.length);
  encoder.writeClient(client);
  encoding.writeVarUint(encoder.restEncoder, first.struct.id.clock + first.offset);
  for (const { struct, offset } of pieces) struct.write(encoder, offset);
}

function writeDeletions(encoder: Y.UpdateEncoderV1, client: number, ranges: readonly ClockRange[]): void {
  encoding.writeVarUint(encoder.restEncoder, client);
  encoding.writeVarUint(encoder.restEncoder, ranges.length);
  for (const { start, end } of ranges) {
    encoder.writeDsClock(start);
    encoder.writeDsLen(end - start);
  }
}
