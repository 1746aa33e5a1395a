import type { DecodedUpdate, Section } from './decodeUpdate.ts';
import { endOf } from './decodeUpdate.ts';
import { encodeUpdate, type NewSection, type NewUpdate } from './encodeUpdate.ts';
import type { KnownContent } from './knownContent.ts';

/**
 * What an update without gaps adds to what is known, in bytes of their own. What repeats something is cut away: two
 * versions of it never meet, so that it does not matter which of them merging or a document would take.
 */
export function trimUpdate(bytes: Uint8Array, update: DecodedUpdate, known: KnownContent): Uint8Array {
  // A keystroke repeats nothing.
  if (!repeatsSomething(update, known)) return new Uint8Array(bytes);
  const sections = update.sections.map((section) => toNewSection(section, known.clockOf(section.client)));
  return encodeUpdate({
    sections: sections.filter(({ pieces }) => pieces.length > 0),
    deletions: listNewDeletions(update, known),
  });
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

function toNewSection({ client, structs }: Section, from: number): NewSection {
  const added = structs.filter((struct) => endOf(struct) > from);
  const pieces = added.map((struct) => ({ struct, offset: Math.max(from - struct.id.clock, 0) }));
  return { client, pieces };
}

function listNewDeletions({ deletions }: DecodedUpdate, known: KnownContent): NewUpdate['deletions'] {
  return [...deletions]
    .map(([client, ranges]) => [client, ranges.filter((range) => !known.isDeleted(client, range))] as const)
    .filter(([, ranges]) => ranges.length > 0);
}
