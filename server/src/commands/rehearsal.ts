import type { CommandOutcome, ConsistencyToken } from '@weft/client/protocol';
import { toEventData } from '../aggregates/aggregateCodec.ts';
import type { AggregateFold } from '../aggregates/aggregateFold.ts';
import type { AggregateRef } from '../aggregates/aggregateRef.ts';
import type { Touch } from '../domain/aggregateState.ts';
import type { Decision } from '../domain/decision.ts';
import { evolve } from '../domain/evolve.ts';
import { type Answer, toAnswer } from './toAnswer.ts';

/** What a command would have come to: its outcome, and the events that it would have appended. */
export type Rehearsal =
  | CommandOutcome
  | (Answer & {
      readonly events: readonly { readonly type: string; readonly data: unknown }[];
      /** Of the state as it is; absent where there is none yet. */
      readonly token?: ConsistencyToken;
    });

export function toRehearsal(
  ref: AggregateRef,
  fold: AggregateFold,
  { decision, touch }: { readonly decision: Decision; readonly touch: Touch },
): Rehearsal {
  const { definition, id } = ref;
  const token = fold.point?.token;
  if (decision.outcome === 'rejected') {
    const { errors, ...rejection } = decision;
    return { ...rejection, ...(errors && { errors: [...errors] }) };
  }
  if (decision.outcome === 'conflict') {
    if (!token) throw new Error(`${definition.name} ${id} is in conflict and is not there`);
    return { outcome: 'conflict', conflicts: [...decision.conflicts], token };
  }
  const after = decision.events.reduce(
    (before, event) => evolve(definition, before, { event, touch }),
    fold.state,
  );
  return {
    ...toAnswer(decision, after),
    events: decision.events.map((event) => {
      const { type, data } = toEventData(definition, event);
      return { type, data };
    }),
    ...(token !== undefined && { token }),
  };
}
