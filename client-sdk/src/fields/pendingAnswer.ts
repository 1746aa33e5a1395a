import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ChangeResult, SettledResult } from './changeResult.ts';

/** The promise of what becomes of a command. Settling and postponing are idempotent. */
export type PendingAnswer = {
  readonly result: Promise<ChangeResult<AggregateDefinition>>;
  readonly settle: (result: SettledResult<AggregateDefinition>) => void;
  /** There is no connection: whoever waits is told that it is queued. */
  readonly postpone: () => void;
};

export function createPendingAnswer(key: string): PendingAnswer {
  const result = Promise.withResolvers<ChangeResult<AggregateDefinition>>();
  const settled = Promise.withResolvers<SettledResult<AggregateDefinition>>();
  return {
    result: result.promise,
    settle: (answer) => {
      settled.resolve(answer);
      result.resolve(answer);
    },
    postpone: () => result.resolve({ outcome: 'queued', key, settled: settled.promise }),
  };
}
