import { dequal } from 'dequal/lite';
import type { FieldValues } from '@weft/client/protocol';
import type { AggregateEvent } from './aggregateEvent.ts';
import type { AggregateState, Touch } from './aggregateState.ts';

/** The state after an event. An event that contradicts the state, such as a change of what is missing, changes nothing. */
export function evolve(state: AggregateState, event: AggregateEvent, touch: Touch): AggregateState {
  switch (event.kind) {
    case 'created':
      if (state.status !== 'missing') return state;
      return {
        status: 'existing',
        fields: event.fields,
        touched: touchEach(Object.keys(event.fields), touch),
      };
    case 'changed': {
      if (state.status !== 'existing') return state;
      const fields = { ...state.fields, ...event.changes };
      const touched = { ...state.touched, ...touchEach(changedFields(state.fields, fields), touch) };
      return { status: 'existing', fields, touched };
    }
    case 'deleted':
      return state.status === 'existing' ? { status: 'deleted', ...touch } : state;
  }
}

/** The names of the fields whose values differ. */
export function changedFields(before: Readonly<FieldValues>, after: Readonly<FieldValues>): string[] {
  return Object.keys(after).filter((field) => !dequal(before[field], after[field]));
}

function touchEach(fields: readonly string[], touch: Touch): Record<string, Touch> {
  return Object.fromEntries(fields.map((field) => [field, touch]));
}
