import type { Applied } from '@weft/client/protocol';
import type { AggregateState } from '../domain/aggregateState.ts';
import { toLostValue } from '../domain/losingValue.ts';
import type { KeptAnswer } from './commandMetadata.ts';

type WithoutToken<Outcome> = Outcome extends unknown ? Omit<Outcome, 'token'> : never;

/** What is answered to a command that was applied, but for the token. */
export type Answer = WithoutToken<Applied>;

/** The answer to a command that was applied, with the fields that it led to. */
export function toAnswer(
  { outcome, changed, losing, conflicts, output }: KeptAnswer,
  state: AggregateState,
): Answer {
  const lost = losing.filter(({ why }) => why !== 'rejected').map(toLostValue);
  const common = {
    changed: [...changed],
    fields: state.status === 'existing' ? { ...state.fields } : {},
    ...(lost.length > 0 && { lost }),
    ...(output !== undefined && { output }),
  };
  return outcome === 'partial' ? { outcome, ...common, conflicts: [...conflicts] } : { outcome, ...common };
}
