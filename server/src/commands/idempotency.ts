import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { DecidableCommand } from '../domain/decision.ts';
import type { StreamName } from '../event-store/eventStore.ts';
import { toUuid } from '../lifecycle/toUuid.ts';

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

/** Tells a repeat of a command from another command under the same key. Canonical JSON by RFC 8785. */
export function toRequestHash(command: DecidableCommand): string {
  return hash('sha256', canonicalize(command) ?? '', 'base64url');
}
