import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Command } from '@weft/client/protocol';
import type { StreamName } from '../event-store/eventStore.ts';

/**
 * The event id of a command: the same for every repeat, so that the store itself refuses to hold a command twice.
 */
export function toEventId(stream: StreamName, idempotencyKey: string): string {
  return toUuid(`${stream}\0${idempotencyKey}`);
}

/** The id of an aggregate that is created without one: the same for every repeat by the same person. */
export function toIdOfKey(aggregate: string, userId: string, idempotencyKey: string): string {
  return toUuid(`${aggregate}\0${userId}\0${idempotencyKey}`);
}

/** A UUID of version 8 (RFC 9562) made of a hash. */
function toUuid(name: string): string {
  const hash = createHash('sha256').update(name).digest().subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Tells a repeat of a command from another command under the same key. Canonical JSON by RFC 8785. */
export function toRequestHash(command: Command): string {
  return createHash('sha256')
    .update(canonicalize(command) ?? '')
    .digest('base64url');
}
