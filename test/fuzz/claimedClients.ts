import * as decoding from 'lib0/decoding';

/** The client ids that an awareness update shows something under, as far as it can be read. */
export function claimedClients(states: Uint8Array): number[] {
  const clients: number[] = [];
  try {
    const decoder = decoding.createDecoder(states);
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const client = decoding.readVarUint(decoder);
      decoding.readVarUint(decoder);
      decoding.readVarString(decoder);
      clients.push(client);
    }
  } catch {
    // lib0 throws on cut input; what came before it is claimed by nobody, and does no harm to be told.
  }
  return clients;
}
