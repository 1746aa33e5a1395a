import { type ConflictPolicy, type LostValue, isEqual } from '@weft/client/protocol';

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
  if (was === undefined || !contended)
    return isEqual(want, is) ? { kind: 'keep' } : { kind: 'write', value: want };
  // Two who count one up from the same number want the same, and still mean two: a merge function is asked.
  if (isEqual(want, is) && typeof policy !== 'function') return { kind: 'keep' };
  // Asking for what was seen is asking for no change: the newer value stays, and nobody's wish is lost.
  if (isEqual(want, was.value)) return { kind: 'keep' };
  if (policy === 'reject') return { kind: 'conflict' };
  const kept = resolve(policy, was.value, claim);
  const lost: LostValue = { field: claim.field, was: was.value, is, want, kept };
  return isLoss(lost) ? { kind: 'resolve', value: kept, lost } : { kind: 'write', value: kept };
}

/** Whether a value that somebody asked for or stored is not what is kept. */
function isLoss({ was, is, want, kept }: LostValue): boolean {
  return !isEqual(kept, want) || !(isEqual(is, was) || isEqual(is, kept));
}

function resolve(policy: Exclude<ConflictPolicy, 'reject'>, was: unknown, { is, want }: FieldClaim): unknown {
  if (policy === 'last-writer-wins') return want;
  if (policy === 'first-writer-wins') return is;
  return policy(was, is, want);
}
