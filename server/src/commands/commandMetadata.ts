import type { FieldConflict, LostValue } from '@weft/client/protocol';
import type { EventMetadata, Json } from '../event-store/eventStore.ts';

/** What an event keeps of the answer to its command, so that a repeat is answered alike. */
export type KeptAnswer = {
  readonly outcome: 'accepted' | 'merged' | 'partial';
  readonly changed: readonly string[];
  readonly lost: readonly LostValue[];
  readonly conflicts: readonly FieldConflict[];
};

/** The metadata of an event that a command with an idempotency key decided. */
export type CommandMetadata = { readonly requestHash: string; readonly answer: KeptAnswer };

export function toMetadata({ requestHash, answer }: CommandMetadata): Record<string, Json> {
  return { requestHash, answer: answer as Json };
}

/** Undefined where the event was not decided by a command with a key. */
export function fromMetadata(metadata: EventMetadata): CommandMetadata | undefined {
  const { requestHash, answer } = metadata;
  if (typeof requestHash !== 'string' || answer === undefined) return undefined;
  return { requestHash, answer: answer as KeptAnswer };
}
