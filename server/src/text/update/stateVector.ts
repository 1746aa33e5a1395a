import * as decoding from 'lib0/decoding';

/**
 * The clocks that a client says it has. Undefined where the bytes are none, or name more clients than allowed: each
 * costs time, and no client has content of others than the text.
 */
export function decodeStateVector(bytes: Uint8Array, mostClients: number): Map<number, number> | undefined {
  try {
    const decoder = decoding.createDecoder(bytes);
    const clients = decoding.readVarUint(decoder);
    if (clients > mostClients) return undefined;
    const clocks = new Map<number, number>();
    for (let left = clients; left > 0; left--) {
      const client = decoding.readVarUint(decoder);
      const clock = decoding.readVarUint(decoder);
      if (!Number.isSafeInteger(client) || !Number.isSafeInteger(clock)) return undefined;
      clocks.set(client, clock);
    }
    return decoding.hasContent(decoder) ? undefined : clocks;
  } catch {
    // lib0 throws on cut input; that is an expected outcome here.
    return undefined;
  }
}
