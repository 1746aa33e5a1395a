import { type AggregateDefinition, type FieldValues, validateFields } from '@weft/client/protocol';
import type { ExistingAggregate } from './aggregateState.ts';
import { type DecideOptions, type Decision, rejectFields } from './decision.ts';
import { judgeChange } from './judgeChange.ts';
import { judgeWhole } from './judgeWhole.ts';
import { listRejected } from './losingValue.ts';
import { seenOf } from './seenOf.ts';
import { toOutcome } from './toOutcome.ts';

/** Decides a change of fields to the values asked, field by field. */
export function decideChange(
  definition: AggregateDefinition,
  state: ExistingAggregate,
  { wants: asked, options }: { wants: Readonly<FieldValues>; options: DecideOptions },
): Decision {
  const { values: wants, issues } = validateFields(definition, asked);
  if (issues.length > 0) return rejectFields(issues);
  const stopped = judgeWhole(state, { wants, options, isWhole: false });
  if (stopped) return stopped;

  const seen = seenOf(state, options.view);
  const { changes, losing, conflicts } = judgeChange(definition, state, { wants, seen });
  const changed = Object.keys(changes);
  if (conflicts.length > 0 && (options.handling === 'strict' || changed.length === 0)) {
    return { outcome: 'conflict', conflicts, losing: listRejected(state, wants, seen) };
  }
  const { values, issues: unmergeable } = validateFields(definition, changes);
  const broken = unmergeable.length > 0 ? unmergeable : definition.check({ ...state.fields, ...values });
  if (broken.length > 0) return rejectFields(broken);
  const inConflict = Object.fromEntries(
    Object.entries(wants).filter(([name]) => conflicts.some(({ field }) => field === name)),
  );
  return {
    outcome: toOutcome(state, options.view, conflicts),
    events: changed.length > 0 ? [{ kind: 'changed', changes: values }] : [],
    changed,
    losing: [...losing, ...listRejected(state, inConflict, seen)],
    conflicts,
  };
}
