import type { FieldConflict } from '@weft/client/protocol';
import type { Applied } from '../domain/decision.ts';
import type { LosingValue } from '../domain/losingValue.ts';
import type { EventMetadata, Json } from '../event-store/eventStore.ts';

/** What an event keeps of the answer to its command, so that a repeat is answered alike. */
export type KeptAnswer = Omit<Applied, 'events'>;

type StoredAnswer = {
  readonly outcome: Applied['outcome'];
  readonly changed: readonly string[];
  readonly conflicts: readonly FieldConflict[];
  readonly output?: unknown;
};

/**
 * The metadata of the last event that a command decided: its answer where the command has a key by which it can be
 * repeated, and the values that lost by it in any case.
 */
export function toMetadata(
  { outcome, changed, conflicts, output, losing }: KeptAnswer,
  requestHash: string | undefined,
): Record<string, Json> {
  const answer: StoredAnswer = { outcome, changed, conflicts, ...(output !== undefined && { output }) };
  return {
    ...(requestHash !== undefined && { requestHash, answer: answer as Json }),
    ...(losing.length > 0 && { losing: losing as readonly Json[] }),
  };
}

/** Undefined where the event was not decided by a command with a key. */
export function fromMetadata(
  metadata: EventMetadata,
): { readonly requestHash: string; readonly answer: KeptAnswer } | undefined {
  const { requestHash, answer } = metadata;
  if (typeof requestHash !== 'string' || answer === undefined) return undefined;
  return { requestHash, answer: { ...(answer as StoredAnswer), losing: losingOf(metadata) } };
}

/** The values that lost by an event. */
export function losingOf({ losing }: EventMetadata): readonly LosingValue[] {
  return (losing ?? []) as readonly LosingValue[];
}
