import { dequal } from 'dequal/lite';
import type { ConflictPolicy, LostValue } from '@weft/client/protocol';

/** One field of a write, with what its writer saw, what is stored and what is asked. */
export type FieldClaim = {
  readonly field: string;
  /** Absent where the writer did not say what it saw: then nothing is detected. */
  readonly was?: { readonly value: unknown };
  readonly is: unknown;
  readonly want: unknown;
};

export type FieldVerdict =
  | { readonly kind: 'keep' }
  | { readonly kind: 'write'; readonly value: unknown }
  | { readonly kind: 'resolve'; readonly value: unknown; readonly lost: LostValue }
  | { readonly kind: 'conflict' };

/**
 * Decides one field by the table of consistency tokens. `contended` says whether the field, or its group, changed
 * since the writer looked.
 */
export function judgeField(claim: FieldClaim, contended: boolean, policy: ConflictPolicy): FieldVerdict {
  const { was, is, want } = claim;
  if (dequal(want, is)) return { kind: 'keep' };
  if (was === undefined || !contended) return { kind: 'write', value: want };
  // Asking for what was seen is asking for no change: the newer value stays, and nobody's wish is lost.
  if (dequal(want, was.value)) return { kind: 'keep' };
  if (policy === 'reject') return { kind: 'conflict' };
  const kept = resolve(policy, was.value, claim);
  return { kind: 'resolve', value: kept, lost: { field: claim.field, was: was.value, is, want, kept } };
}

function resolve(policy: Exclude<ConflictPolicy, 'reject'>, was: unknown, { is, want }: FieldClaim): unknown {
  if (policy === 'last-writer-wins') return want;
  if (policy === 'first-writer-wins') return is;
  return policy(was, is, want);
}
