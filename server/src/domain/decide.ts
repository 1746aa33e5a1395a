import { type AggregateDefinition, completeFields, type FieldValues } from '@weft/client/protocol';
import type { AggregateState, ExistingAggregate } from './aggregateState.ts';
import { decideChange } from './decideChange.ts';
import { decideInvoke } from './decideInvoke.ts';
import {
  type DecidableCommand,
  type DecideOptions,
  type Decision,
  reject,
  rejectFields,
} from './decision.ts';
import { judgeWhole } from './judgeWhole.ts';
import { mergePatch } from './mergePatch.ts';
import { seenOf } from './seenOf.ts';

/** Decides a command on a state. Pure: the same state and command give the same decision. */
export function decide(
  definition: AggregateDefinition,
  state: AggregateState,
  { command, options }: { command: DecidableCommand; options: DecideOptions },
): Decision {
  if (state.status === 'deleted') return reject('deleted', `this ${definition.name} was deleted`);
  if (command.kind === 'create') return decideCreate(definition, state, command.fields);
  if (state.status === 'missing') return reject('not-found', `there is no such ${definition.name}`);
  switch (command.kind) {
    case 'change':
      return decideChange(definition, state, { wants: toWants(state, command.patch, options), options });
    case 'set':
      return decideChange(definition, state, { wants: command.values, options });
    case 'invoke':
      return decideInvoke(definition, state, { command, options });
    case 'delete':
      return decideDelete(state, options);
  }
}

function decideCreate(definition: AggregateDefinition, state: AggregateState, given: FieldValues): Decision {
  if (state.status === 'existing') return reject('already-exists', `this ${definition.name} exists already`);
  const { values: fields, issues } = completeFields(definition, given);
  const broken = issues.length > 0 ? issues : definition.check(fields);
  if (broken.length > 0) return rejectFields(broken);
  return {
    outcome: 'accepted',
    events: [{ kind: 'created', fields }],
    changed: Object.keys(fields),
    losing: [],
    conflicts: [],
  };
}

/** Whole values: what a patch leaves out of an object is what its writer saw there. */
function toWants(state: ExistingAggregate, patch: FieldValues, { view }: DecideOptions): FieldValues {
  const base = { ...state.fields, ...seenOf(state, view) };
  return Object.fromEntries(
    Object.entries(patch).map(([field, part]) => [field, mergePatch(base[field], part)]),
  );
}

function decideDelete(state: ExistingAggregate, options: DecideOptions): Decision {
  const stopped = judgeWhole(state, { wants: {}, options, isWhole: true });
  if (stopped) return stopped;
  return { outcome: 'accepted', events: [{ kind: 'deleted' }], changed: [], losing: [], conflicts: [] };
}
