import type { AggregateDefinition, FieldConflict, FieldValues } from '@weft/client/protocol';
import type { ExistingAggregate } from './aggregateState.ts';
import { hasChangedSince, listUnitConflicts, membersOf, type SeenFields, toClaim } from './judgeChange.ts';
import { type LosingValue, toLosingValue, touchOf } from './losingValue.ts';
import { policyOf } from './policyOf.ts';

type Touched = {
  /** The fields that the events change, with their new values. */
  readonly wants: Readonly<FieldValues>;
  readonly seen: SeenFields;
  /** The fields that the decision depends on besides. */
  readonly reads: readonly string[];
};

/**
 * Judges what the events of a domain command do, field by field. They were decided on the newest state: a field whose
 * policy is a merge function, or the last writer's, takes what they make of it. An event cannot leave out a field, so
 * one whose first writer wins is a conflict as one that rejects is.
 */
export function judgeTouched(
  definition: AggregateDefinition,
  state: ExistingAggregate,
  { wants, seen, reads }: Touched,
): { readonly conflicts: readonly FieldConflict[]; readonly losing: readonly LosingValue[] } {
  const contended = Object.keys(wants).filter((field) =>
    membersOf(definition, field).some((member) => hasChangedSince(state, seen, member)),
  );
  const refused = contended.filter((field) => isRefusing(definition, field));
  const units = new Set(refused.map((field) => membersOf(definition, field)));
  const claims = Object.entries(wants).map(([field, want]) => toClaim(state, seen, { field, want }));
  const touched = [...units].flatMap((members) =>
    listUnitConflicts(state, seen, { members, unit: claims.filter(({ field }) => members.includes(field)) }),
  );
  const read = listReadConflicts(state, seen, reads).filter(
    ({ field }) => !touched.some((conflict) => conflict.field === field),
  );
  const overwritten = contended.filter((field) => hasChangedSince(state, seen, field));
  return { conflicts: [...touched, ...read], losing: overwritten.map(toLosing) };

  function toLosing(field: string): LosingValue {
    const lost = {
      field,
      was: seen?.[field],
      is: state.fields[field],
      want: wants[field],
      kept: wants[field],
    };
    const losing = toLosingValue(state, lost, policyOf(definition, field));
    return losing.why === 'merged' ? { ...losing, why: 'built-upon' } : losing;
  }
}

function isRefusing(definition: AggregateDefinition, field: string): boolean {
  const policy = policyOf(definition, field);
  return policy === 'reject' || policy === 'first-writer-wins';
}

function listReadConflicts(
  state: ExistingAggregate,
  seen: SeenFields,
  reads: readonly string[],
): FieldConflict[] {
  return reads
    .filter((field) => hasChangedSince(state, seen, field))
    .map((field) => ({ field, was: seen?.[field], is: state.fields[field], ...touchOf(state, field) }));
}
