import type { FieldConflict, FieldValues } from '@weft/client/protocol';
import type { ExistingAggregate } from './aggregateState.ts';
import type { DecideOptions, Decision } from './decision.ts';
import { listChangesSince } from './judgeChange.ts';
import { listRejected, touchOf } from './losingValue.ts';
import { seenOf } from './seenOf.ts';

type WholeClaim = {
  readonly wants: Readonly<FieldValues>;
  readonly options: DecideOptions;
  /** Whether the write is of the whole aggregate, so that any newer value is a conflict. */
  readonly isWhole: boolean;
};

/** The conflict that stops a write whatever it asks of single fields; undefined where nothing does. */
export function judgeWhole(state: ExistingAggregate, claim: WholeClaim): Decision | undefined {
  const { wants, options } = claim;
  if (options.view.kind === 'unknown') return stop([]);
  const isStale = options.exact && options.view.kind === 'older';
  const conflicts = [
    ...options.elsewhere,
    ...listUnmatched(state, options.unmatched, wants),
    ...listStale(state, claim, isStale),
  ];
  return conflicts.length > 0 || isStale ? stop(conflicts) : undefined;

  function stop(found: readonly FieldConflict[]): Decision {
    return {
      outcome: 'conflict',
      conflicts: found,
      losing: listRejected(state, wants, seenOf(state, options.view)),
    };
  }
}

function listStale(
  state: ExistingAggregate,
  { wants, options, isWhole }: WholeClaim,
  isStale: boolean,
): FieldConflict[] {
  const seen = seenOf(state, options.view);
  if (!seen || !(isWhole || isStale)) return [];
  return listChangesSince(state, seen, wants).filter(({ field }) => !options.unmatched.includes(field));
}

/** Of what the writer saw only a hash is known. */
function listUnmatched(
  state: ExistingAggregate,
  fields: readonly string[],
  wants: Readonly<FieldValues>,
): FieldConflict[] {
  return fields.map((field) => ({
    field,
    is: state.fields[field],
    ...(Object.hasOwn(wants, field) && { want: wants[field] }),
    ...touchOf(state, field),
  }));
}
