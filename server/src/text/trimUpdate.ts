import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { ClockRange } from './clockRanges.ts';
import { type DecodedUpdate, endOf, type Section } from './decodeUpdate.ts';
import type { KnownContent } from './knownContent.ts';

/**
 * What an update without gaps adds to what is known, in bytes of their own. What repeats something is cut away: two
 * versions of it never meet, so that it does not matter which of them merging or a document would take.
 */
export function trimUpdate(bytes: Uint8Array, update: DecodedUpdate, known: KnownContent): Uint8Array {
  // A keystroke repeats nothing.
  if (!repeatsSomething(update, known)) return new Uint8Array(bytes);
  const encoder = new Y.UpdateEncoderV1();
  const sections = update.sections.filter((section) => hasNews(section, known));
  encoding.writeVarUint(encoder.restEncoder, sections.length);
  for (const section of sections) writeSection(encoder, section, known.clockOf(section.client));
  writeDeletions(encoder, listNewDeletions(update, known));
  return encoder.toUint8Array();
}

function repeatsSomething({ sections, deletions }: DecodedUpdate, known: KnownContent): boolean {
  const repeatsStructs = sections.some(({ client, structs }) => {
    return structs[0] !== undefined && structs[0].id.clock < known.clockOf(client);
  });
  if (repeatsStructs) return true;
  for (const [client, ranges] of deletions) {
    if (ranges.some((range) => known.isDeleted(client, range))) return true;
  }
  return false;
}

function hasNews({ client, structs }: Section, known: KnownContent): boolean {
  const last = structs.at(-1);
  return last !== undefined && endOf(last) > known.clockOf(client);
}

function writeSection(encoder: Y.UpdateEncoderV1, { client, structs }: Section, from: number): void {
  const added = structs.filter((struct) => endOf(struct) > from);
  const first = added[0];
  if (!first) return;
  const offset = Math.max(from - first.id.clock, 0);
  encoding.writeVarUint(encoder.restEncoder, added.length);
  encoder.writeClient(client);
  encoding.writeVarUint(encoder.restEncoder, first.id.clock + offset);
  for (const struct of added) struct.write(encoder, struct === first ? offset : 0);
}

type Deletions = readonly (readonly [client: number, ranges: readonly ClockRange[]])[];

function listNewDeletions({ deletions }: DecodedUpdate, known: KnownContent): Deletions {
  return [...deletions]
    .map(([client, ranges]) => [client, ranges.filter((range) => !known.isDeleted(client, range))] as const)
    .filter(([, ranges]) => ranges.length > 0);
}

function writeDeletions(encoder: Y.UpdateEncoderV1, deletions: Deletions): void {
  encoding.writeVarUint(encoder.restEncoder, deletions.length);
  for (const [client, ranges] of deletions) {
    encoding.writeVarUint(encoder.restEncoder, client);
    encoding.writeVarUint(encoder.restEncoder, ranges.length);
    for (const { start, end } of ranges) {
      encoder.writeDsClock(start);
      encoder.writeDsLen(end - start);
    }
  }
}
