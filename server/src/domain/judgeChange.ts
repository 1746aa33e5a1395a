import {
  type AggregateDefinition,
  type FieldConflict,
  type FieldValues,
  isEqual,
} from '@weft/client/protocol';
import type { ExistingAggregate } from './aggregateState.ts';
import { type FieldClaim, type FieldVerdict, judgeField } from './judgeField.ts';
import { type LosingValue, toLosingValue, touchOf } from './losingValue.ts';
import { policyOf } from './policyOf.ts';

/** What a change comes to, field by field, before handling and the invariant are applied. */
export type Judgement = {
  /** New values of the fields that really change. */
  readonly changes: FieldValues;
  readonly losing: readonly LosingValue[];
  readonly conflicts: readonly FieldConflict[];
};

/** The values that the writer saw, as far as it said; undefined where it said nothing. */
export type SeenFields = Readonly<FieldValues> | undefined;

/** Judges every field of a change. Fields of a group are judged together: one conflict among them is one of all. */
export function judgeChange(
  definition: AggregateDefinition,
  state: ExistingAggregate,
  change: { readonly wants: Readonly<FieldValues>; readonly seen: SeenFields },
): Judgement {
  const claims = Object.entries(change.wants).map(([field, want]) =>
    toClaim(state, change.seen, { field, want }),
  );
  const units = Map.groupBy(claims, ({ field }) => toUnitName(definition, field));
  const judgements = [...units.values()].map((unit) =>
    judgeUnit(definition, state, { unit, seen: change.seen }),
  );
  return {
    changes: Object.assign({}, ...judgements.map(({ changes }) => changes)) as FieldValues,
    losing: judgements.flatMap(({ losing }) => losing),
    conflicts: judgements.flatMap(({ conflicts }) => conflicts),
  };
}

/** The names of the fields that changed since the writer looked, of those that it says it saw. */
export function listChangedSince(state: ExistingAggregate, seen: SeenFields): string[] {
  return Object.keys(state.fields).filter((field) => hasChangedSince(state, seen, field));
}

/** Whether a field has another value than its writer saw, as far as the writer said. */
export function hasChangedSince(state: ExistingAggregate, seen: SeenFields, field: string): boolean {
  return seen !== undefined && Object.hasOwn(seen, field) && !isEqual(seen[field], state.fields[field]);
}

/** Everything that changed since the writer looked, as conflicts, with what was asked where it was asked. */
export function listChangesSince(
  state: ExistingAggregate,
  seen: Readonly<FieldValues>,
  wants: Readonly<FieldValues>,
): FieldConflict[] {
  return listChangedSince(state, seen).map((field) => ({
    field,
    was: seen[field],
    is: state.fields[field],
    ...(Object.hasOwn(wants, field) && { want: wants[field] }),
    ...touchOf(state, field),
  }));
}

export function toClaim(
  state: ExistingAggregate,
  seen: SeenFields,
  { field, want }: { field: string; want: unknown },
): FieldClaim {
  const is = state.fields[field];
  return seen && Object.hasOwn(seen, field)
    ? { field, was: { value: seen[field] }, is, want }
    : { field, is, want };
}

// A group's name may be a field's as well, so that units are told apart by more than the name.
function toUnitName(definition: AggregateDefinition, field: string): string {
  const group = Object.entries(definition.groups).find(([, members]) => members.includes(field));
  return group ? `group ${group[0]}` : `field ${field}`;
}

/** The fields that change and conflict together with one: its group, or itself alone. */
export function membersOf(definition: AggregateDefinition, field: string): readonly string[] {
  return Object.values(definition.groups).find((members) => members.includes(field)) ?? [field];
}

function judgeUnit(
  definition: AggregateDefinition,
  state: ExistingAggregate,
  { unit, seen }: { unit: readonly FieldClaim[]; seen: SeenFields },
): Judgement {
  const members = membersOf(definition, unit[0]?.field ?? '');
  const contended = members.some((field) => hasChangedSince(state, seen, field));
  const verdicts = unit.map((claim) => ({
    field: claim.field,
    verdict: judgeField(claim, contended, policyOf(definition, claim.field)),
  }));
  if (verdicts.some(({ verdict }) => verdict.kind === 'conflict')) {
    return { changes: {}, losing: [], conflicts: listUnitConflicts(state, seen, { members, unit }) };
  }
  return collect(definition, state, verdicts);
}

function collect(
  definition: AggregateDefinition,
  state: ExistingAggregate,
  verdicts: readonly { field: string; verdict: FieldVerdict }[],
): Judgement {
  const changes: FieldValues = {};
  const losing: LosingValue[] = [];
  for (const { field, verdict } of verdicts) {
    if (verdict.kind === 'resolve') {
      losing.push(toLosingValue(state, verdict.lost, policyOf(definition, field)));
    }
    if (
      (verdict.kind === 'write' || verdict.kind === 'resolve') &&
      !isEqual(verdict.value, state.fields[field])
    ) {
      changes[field] = verdict.value;
    }
  }
  return { changes, losing, conflicts: [] };
}

/** A member that the change leaves out was wanted as it was seen. */
export function listUnitConflicts(
  state: ExistingAggregate,
  seen: SeenFields,
  { members, unit }: { members: readonly string[]; unit: readonly FieldClaim[] },
): FieldConflict[] {
  return members
    .map(
      (field) =>
        unit.find((claim) => claim.field === field) ?? toClaim(state, seen, { field, want: seen?.[field] }),
    )
    .filter(({ was, is, want }) => was !== undefined && !(isEqual(was.value, is) && isEqual(want, is)))
    .map(({ field, was, is, want }) => ({ field, was: was?.value, is, want, ...touchOf(state, field) }));
}
