import type { ConsistencyToken, User } from '@weft/client/protocol';
import type { DecidableCommand } from '../domain/decision.ts';

/** Fields that the writer saw, and the SHA-256 (base64) of their values as canonical JSON (RFC 8785). */
export type FieldsMatch = { readonly fields: readonly string[]; readonly sha256: string };

export type CommandRequest = {
  readonly aggregate: string;
  readonly id: string;
  readonly command: DecidableCommand;
  readonly user: User;
  /** Repeats with the same key are applied once. Default: none, and a repeat is another command. */
  readonly idempotencyKey?: string | undefined;
  /** Default: `'strict'`. */
  readonly handling?: 'strict' | 'lenient' | undefined;
  /** Whether anything newer than the token's state stops the command. Default: false. */
  readonly exact?: boolean | undefined;
  /** What the writer saw, where it has no token. Default: nothing is compared. */
  readonly fieldsMatch?: FieldsMatch | undefined;
  /**
   * Tokens of other aggregates that the command depends on: a newer value in one of them is a conflict. They are
   * checked before the append and not with it: what changes in between goes unnoticed. Default: none.
   */
  readonly dependsOn?: readonly ConsistencyToken[] | undefined;
};
