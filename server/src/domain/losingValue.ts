import { type ConflictPolicy, type FieldValues, type LostValue, isEqual } from '@weft/client/protocol';
import type { ExistingAggregate, Touch } from './aggregateState.ts';

/**
 * How a value lost.
 *
 * - `rejected`: `want` was not stored, because its command was answered with a conflict.
 * - `gave-way`: `want` was not stored, because the first writer's `is` stays.
 * - `overwritten`: `is` was replaced by `want`, because the last writer wins.
 * - `merged`: a merge function made `kept` of both.
 * - `built-upon`: a domain command made `kept` of the newest value `is`, which its writer had not seen. Nothing is lost
 *   by that; whoever foresaw another value has to know.
 */
export type LosingReason = 'rejected' | 'gave-way' | 'overwritten' | 'merged' | 'built-upon';

/** A value that was asked for or stored, and is neither now. `was` is absent where it is not known. */
export type LosingValue = {
  readonly field: string;
  readonly was?: unknown;
  readonly is: unknown;
  readonly want: unknown;
  /** What is stored now, where the write was applied. */
  readonly kept?: unknown;
  readonly why: LosingReason;
  /** Who stored `is`, and when. */
  readonly by: Touch['by'];
  readonly at: Touch['at'];
};

/** A value that its field's policy made give way. */
export function toLosingValue(
  state: ExistingAggregate,
  lost: LostValue,
  policy: ConflictPolicy,
): LosingValue {
  return { ...lost, why: toReason(policy), ...touchOf(state, lost.field) };
}

function toReason(policy: ConflictPolicy): LosingReason {
  if (policy === 'last-writer-wins') return 'overwritten';
  return policy === 'first-writer-wins' || policy === 'reject' ? 'gave-way' : 'merged';
}

/**
 * What a conflict leaves unstored of what was asked: also the fields that are in no conflict themselves. Asking for
 * what was seen asks for no change, and loses nothing.
 */
export function listRejected(
  state: ExistingAggregate,
  wants: Readonly<FieldValues>,
  seen: Readonly<FieldValues> | undefined,
): LosingValue[] {
  return Object.entries(wants)
    .filter(([field]) => Object.hasOwn(state.fields, field))
    .map(([field, want]) => {
      const was = seen && Object.hasOwn(seen, field) ? { was: seen[field] } : {};
      return {
        field,
        ...was,
        is: state.fields[field],
        want,
        why: 'rejected' as const,
        ...touchOf(state, field),
      };
    })
    .filter(
      (losing) => !isEqual(losing.want, losing.is) && !('was' in losing && isEqual(losing.want, losing.was)),
    );
}

/** What an answer says of a value that gave way. */
export function toLostValue({ field, was, is, want, kept }: LosingValue): LostValue {
  return { field, was, is, want, kept };
}

/**
 * Who gave a field its value, and when.
 *
 * @throws Error where nobody did: the state was not folded from events.
 */
export function touchOf(state: ExistingAggregate, field: string): Touch {
  const touch = state.touched[field];
  if (!touch) throw new Error(`nobody ever touched the field '${field}'`);
  return touch;
}
