import { useMemo } from 'react';
import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { AggregateHandle } from '../fields/aggregateHandle.ts';
import type { OpenConflict } from '../fields/changeResult.ts';
import type { HandleState } from '../fields/handleState.ts';
import { derive } from './derive.ts';
import { NONE } from './neutral.ts';
import { usePeekable } from './usePeekable.ts';

/** What waits for a decision. Renders anew only when that has changed. */
export function useConflicts<Definition extends AggregateDefinition>(
  handle: AggregateHandle<Definition> | undefined,
): readonly OpenConflict<Definition>[] {
  const source = useMemo(
    () =>
      handle &&
      derive<HandleState<Definition>, readonly OpenConflict<Definition>[]>(handle, {
        read: ({ conflicts }) => conflicts,
        isSame: (before, now) =>
          before.length === now.length && before.every((conflict, index) => conflict === now[index]),
      }),
    [handle],
  );
  return usePeekable(source, NONE);
}
