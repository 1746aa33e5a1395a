import type { CommandOutcome } from '@weft/client/protocol';
import { LRUCache } from 'lru-cache';
import type { CommandRequest } from './commandRequest.ts';
import { toRequestHash } from './idempotency.ts';
import { reject } from './reject.ts';

/**
 * The answers to commands with a key that were accepted and changed nothing, so that no event remembers them. A repeat
 * that came when somebody had changed something would otherwise be a change. Kept in this process, and the newest of
 * them: what is gone is judged anew.
 */
export type UnstoredAnswers = {
  /** By the id that the command's event would have had. */
  find(eventId: string, request: CommandRequest): CommandOutcome | undefined;
  keep(eventId: string, request: CommandRequest, outcome: CommandOutcome): void;
};

const MAX_ANSWERS = 5_000;

export function createUnstoredAnswers(): UnstoredAnswers {
  const answers = new LRUCache<string, { readonly requestHash: string; readonly outcome: CommandOutcome }>({
    max: MAX_ANSWERS,
  });
  return {
    find: (eventId, { command }) => {
      const kept = answers.get(eventId);
      if (!kept || kept.requestHash === toRequestHash(command)) return kept?.outcome;
      return reject('idempotency-key-reused', 'this idempotency key was used for another command');
    },
    keep: (eventId, { command, idempotencyKey }, outcome) => {
      if (idempotencyKey === undefined) return;
      answers.set(eventId, { requestHash: toRequestHash(command), outcome });
    },
  };
}
