import {
  type AggregateDefinition,
  type Command,
  completeFields,
  type FieldConflict,
  type FieldIssue,
  type FieldValues,
  type LostValue,
  type RejectionCode,
  validateFields,
} from '@weft/client/protocol';
import type { AggregateEvent } from './aggregateEvent.ts';
import type { AggregateState, ExistingAggregate } from './aggregateState.ts';
import { judgeChange, listChangedSince, listChangesSince, type SeenFields } from './judgeChange.ts';
import { mergePatch } from './mergePatch.ts';

/** What the writer knew of the aggregate. */
export type WriterView =
  /** It said nothing, or only single values that it saw: no more than those is detected. */
  | { readonly kind: 'unguarded'; readonly seen: SeenFields }
  /** It saw the newest state. */
  | { readonly kind: 'current' }
  /** It saw these values, and there are newer ones. */
  | { readonly kind: 'older'; readonly seen: Readonly<FieldValues> }
  /** It saw a state that the history no longer holds. */
  | { readonly kind: 'unknown' };

export type DecideOptions = {
  readonly view: WriterView;
  /** `strict`: any conflict stops the whole command; `lenient`: the rest is applied. */
  readonly handling: 'strict' | 'lenient';
  /** Whether anything newer than the writer's view stops the command, as `If-Match` asks. */
  readonly exact: boolean;
};

export type Decision =
  | {
      readonly outcome: 'accepted' | 'merged' | 'partial';
      /** Undefined where there is nothing to store. */
      readonly event: AggregateEvent | undefined;
      readonly changed: readonly string[];
      readonly lost: readonly LostValue[];
      /** Only of a partial outcome. */
      readonly conflicts: readonly FieldConflict[];
    }
  | { readonly outcome: 'conflict'; readonly conflicts: readonly FieldConflict[] }
  | {
      readonly outcome: 'rejected';
      readonly code: RejectionCode;
      readonly detail: string;
      readonly errors?: readonly FieldIssue[];
    };

/** Decides a command on a state. Pure: the same state and command give the same decision. */
export function decide(
  definition: AggregateDefinition,
  state: AggregateState,
  { command, options }: { command: Command; options: DecideOptions },
): Decision {
  if (state.status === 'deleted') return reject('deleted', `this ${definition.name} was deleted`);
  if (command.kind === 'create') return decideCreate(definition, state, command.fields);
  if (state.status === 'missing') return reject('not-found', `there is no such ${definition.name}`);
  if (options.view.kind === 'unknown') return { outcome: 'conflict', conflicts: [] };
  return command.kind === 'delete'
    ? decideDelete(state, options)
    : decideChange(definition, state, { patch: command.patch, options });
}

function reject(code: RejectionCode, detail: string, errors?: readonly FieldIssue[]): Decision {
  return { outcome: 'rejected', code, detail, ...(errors && { errors }) };
}

function decideCreate(definition: AggregateDefinition, state: AggregateState, given: FieldValues): Decision {
  if (state.status === 'existing') return reject('already-exists', `this ${definition.name} exists already`);
  const { values: fields, issues } = completeFields(definition, given);
  if (issues.length > 0) return rejectFields(issues);
  const broken = definition.check(fields);
  if (broken.length > 0) return rejectFields(broken);
  const changed = Object.keys(fields);
  return { outcome: 'accepted', event: { kind: 'created', fields }, changed, lost: [], conflicts: [] };
}

function rejectFields(errors: readonly FieldIssue[]): Decision {
  return reject('invalid-fields', 'some values are not allowed', errors);
}

function decideDelete(state: ExistingAggregate, { view, exact }: DecideOptions): Decision {
  const seen = seenOf(state, view);
  const conflicts = seen ? listChangesSince(state, seen, {}) : [];
  const stopped = conflicts.length > 0 || (exact && view.kind === 'older');
  if (stopped) return { outcome: 'conflict', conflicts };
  return { outcome: 'accepted', event: { kind: 'deleted' }, changed: [], lost: [], conflicts: [] };
}

function seenOf(state: ExistingAggregate, view: WriterView): SeenFields {
  switch (view.kind) {
    case 'current':
      return state.fields;
    case 'older':
    case 'unguarded':
      return view.seen;
    case 'unknown':
      return undefined;
  }
}

function decideChange(
  definition: AggregateDefinition,
  state: ExistingAggregate,
  { patch, options }: { patch: FieldValues; options: DecideOptions },
): Decision {
  const seen = seenOf(state, options.view);
  const base = { ...state.fields, ...seen };
  const asked = Object.entries(patch).map(([field, part]) => [field, mergePatch(base[field], part)]);
  const { values: wants, issues } = validateFields(definition, Object.fromEntries(asked) as FieldValues);
  if (issues.length > 0) return rejectFields(issues);
  if (options.exact && options.view.kind === 'older') {
    return { outcome: 'conflict', conflicts: listChangesSince(state, options.view.seen, wants) };
  }
  const judgement = judgeChange(definition, state, { wants, seen });
  const changed = Object.keys(judgement.changes);
  const stopped = judgement.conflicts.length > 0 && (options.handling === 'strict' || changed.length === 0);
  if (stopped) return { outcome: 'conflict', conflicts: judgement.conflicts };
  const { values: changes, issues: unmergeable } = validateFields(definition, judgement.changes);
  const broken = unmergeable.length > 0 ? unmergeable : definition.check({ ...state.fields, ...changes });
  if (broken.length > 0) return rejectFields(broken);
  return {
    outcome: toOutcome(state, options.view, judgement.conflicts),
    event: changed.length > 0 ? { kind: 'changed', changes } : undefined,
    changed,
    lost: judgement.lost,
    conflicts: judgement.conflicts,
  };
}

/** Merged is what is applied beside values that the writer has not seen. */
function toOutcome(
  state: ExistingAggregate,
  view: WriterView,
  conflicts: readonly FieldConflict[],
): 'accepted' | 'merged' | 'partial' {
  if (conflicts.length > 0) return 'partial';
  const isBeside = view.kind === 'older' && listChangedSince(state, view.seen).length > 0;
  return isBeside ? 'merged' : 'accepted';
}
