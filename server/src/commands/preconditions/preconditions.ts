import type { FieldConflict } from '@weft/client/protocol';
import type { AggregateFold } from '../../aggregates/aggregateFold.ts';
import type { AggregateRef } from '../../aggregates/aggregateRef.ts';
import type { DecideOptions } from '../../domain/decision.ts';
import type { CommandRequest } from '../commandRequest.ts';
import { type DependencySources, findDependency } from './findDependency.ts';
import { findUnmatched } from './findUnmatched.ts';
import { findWriterView } from './findWriterView.ts';
import type { Malformed } from './malformed.ts';

/** What the writer of a command saw, and what is not as it said. */
export type Preconditions = Pick<DecideOptions, 'view' | 'unmatched' | 'elsewhere'>;

/** Compares what a command says its writer saw with what is stored. */
export async function findPreconditions(
  sources: DependencySources,
  ref: AggregateRef,
  { fold, request }: { readonly fold: AggregateFold; readonly request: CommandRequest },
): Promise<({ readonly outcome: 'found' } & Preconditions) | Malformed> {
  const own = await findWriterView(sources.repository, { ref, fold }, request.command);
  if (own.outcome === 'malformed') return own;
  const matched = findUnmatched(ref.definition, fold.state, request.fieldsMatch);
  if (matched.outcome === 'malformed') return matched;
  let { view } = own;
  const elsewhere: FieldConflict[] = [];
  for (const token of request.dependsOn ?? []) {
    const dependency = await findDependency(sources, token);
    if (dependency.outcome === 'malformed') return dependency;
    // There is no saying what changed elsewhere: all must be read again.
    if (dependency.outcome === 'unknown') view = { kind: 'unknown' };
    else elsewhere.push(...dependency.conflicts);
  }
  return { outcome: 'found', view, unmatched: matched.fields, elsewhere };
}
