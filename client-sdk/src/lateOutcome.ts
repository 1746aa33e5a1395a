import type { Command } from '../protocol/messages/up.ts';
import type { CommandOutcome, FieldValues } from '../protocol/outcome.ts';

/**
 * What the server made of a command that was asked for by a page that is gone by now, closed, reloaded or crashed. Told at
 * least once; `key` tells a repeat. A conflict is also among the `conflicts` of its handle.
 */
export type LateOutcome = {
  /** The command's idempotency key. */
  readonly key: string;
  readonly aggregate: string;
  readonly id: string;
  readonly command: Command;
  /** What it asked for: whole values by field. */
  readonly values: Readonly<FieldValues>;
  readonly outcome: CommandOutcome;
};
