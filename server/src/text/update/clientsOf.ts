import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';

/** The client ids that an update has content of, deletions left aside. Throws where it is damaged. */
export function clientsOf(update: Uint8Array): Iterable<number> {
  const decoder = decoding.createDecoder(update);
  const sections = decoding.readVarUint(decoder);
  if (sections > 1) return Y.parseUpdateMeta(update).from.keys();
  if (sections === 0) return [];
  // One person's keystrokes are of one client, which is named after the number of their structs.
  decoding.readVarUint(decoder);
  return [decoding.readVarUint(decoder)];
}
