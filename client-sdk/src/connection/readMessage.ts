import { MAX_JSON_DEPTH } from '../../protocol/limits.ts';
import { decodeDown } from '../../protocol/messages/decodeDown.ts';
import type { Decoded } from '../../protocol/messages/decodeMessage.ts';
import type { Down } from '../../protocol/messages/down.ts';

// No value is nested deeper than a message of a client may be; a message of the server is a few levels around it.
const MAX_DEPTH = 2 * MAX_JSON_DEPTH;

/** Reads a text message. What a server sends is not to be trusted: nonsense is an expected outcome. */
export function readMessage(text: string): Decoded<Down> {
  try {
    const data: unknown = JSON.parse(text);
    // Whoever looks at such a value exhausts the stack, again and again.
    if (isDeeper(data, MAX_DEPTH)) return { ok: false, error: 'a text message that is nested too deep' };
    return decodeDown(data);
  } catch {
    return { ok: false, error: 'a text message that cannot be read' };
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}
