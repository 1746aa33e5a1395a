import { type AggregateDefinition, applyEvent, type FieldValues, isEqual } from '@weft/client/protocol';
import type { AggregateEvent } from './aggregateEvent.ts';
import type { AggregateState, ExistingAggregate, Touch } from './aggregateState.ts';

/** What evolving needs of a definition: its own events. */
export type EventSource = Pick<AggregateDefinition, 'name' | 'events'>;

/**
 * The state after an event. An event that contradicts the state, such as a change of what is missing, changes nothing.
 *
 * @throws Error where the definition does not know the event.
 */
export function evolve(
  definition: EventSource,
  state: AggregateState,
  { event, touch }: { readonly event: AggregateEvent; readonly touch: Touch },
): AggregateState {
  if (event.kind === 'created') return state.status === 'missing' ? create(event.fields, touch) : state;
  if (state.status !== 'existing') return state;
  switch (event.kind) {
    case 'changed':
      return change(state, event.changes, touch);
    case 'domain':
      return change(state, applyEvent(definition, state.fields, event), touch);
    case 'deleted':
      return { status: 'deleted', ...touch };
  }
}

function create(fields: Readonly<FieldValues>, touch: Touch): ExistingAggregate {
  return { status: 'existing', fields, touched: touchEach(Object.keys(fields), touch) };
}

function change(state: ExistingAggregate, changes: Readonly<FieldValues>, touch: Touch): ExistingAggregate {
  return {
    status: 'existing',
    fields: { ...state.fields, ...changes },
    touched: { ...state.touched, ...touchEach(changedFields(state.fields, changes), touch) },
  };
}

/** The names of the fields whose values differ. */
export function changedFields(before: Readonly<FieldValues>, after: Readonly<FieldValues>): string[] {
  return Object.keys(after).filter((field) => !isEqual(before[field], after[field]));
}

function touchEach(fields: readonly string[], touch: Touch): Record<string, Touch> {
  return Object.fromEntries(fields.map((field) => [field, touch]));
}
