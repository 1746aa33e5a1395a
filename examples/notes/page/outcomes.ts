import type { LateOutcome } from '@weft/client';
import { describeField, toText } from './note/fields.ts';
import type { Decision } from './weft.ts';

/**
 * Why a write was not applied, in words for people; of several reasons the one that is about a given field. Nothing where
 * it was.
 */
export function toFailure(decision: Decision | LateOutcome['outcome'], field?: string): string | undefined {
  if (decision.outcome === 'conflict') return 'somebody changed it meanwhile, and you decide.';
  if (decision.outcome !== 'rejected') return undefined;
  const { errors = [], detail } = decision;
  const own = errors.find(({ path }) => path === field || path.startsWith(`${field}.`));
  return (own ?? errors[0])?.message ?? detail;
}

/** What became of a write of a page that is gone. */
export function describeLate({ command, values, outcome }: LateOutcome): string {
  const failure = toFailure(outcome);
  return `From an earlier visit: ${describeWrite(command.kind, values)} ${failure ? `was not saved: ${failure}` : 'was saved.'}`;
}

function describeWrite(kind: LateOutcome['command']['kind'], values: LateOutcome['values']): string {
  if (kind === 'create') return `“${toText(values.title)}”`;
  if (kind === 'delete') return 'the deletion of a note';
  return Object.keys(values)
    .map((field) => describeField(field).label.toLowerCase())
    .join(', ');
}
