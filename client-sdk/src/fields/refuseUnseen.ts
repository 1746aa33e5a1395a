import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { Rejection } from '../../protocol/rejection.ts';
import type { HandleState } from './handleState.ts';

/**
 * Why nothing can be asked of what its writer did not see: there may be one by now, and its values would be overwritten
 * unseen. Undefined where the writer saw it, or does not know yet whether there is one.
 */
export function refuseUnseen({ status }: HandleState<AggregateDefinition>): Rejection | undefined {
  if (status === 'existing' || status === 'loading') return undefined;
  const code = status === 'missing' ? 'not-found' : 'deleted';
  return { outcome: 'rejected', code, detail: 'it is not there in the state that was seen' };
}
