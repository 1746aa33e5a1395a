import type { Command, ConsistencyToken } from '@weft/client/protocol';
import type { WriterView } from '../domain/decide.ts';
import { toStreamName } from '../event-store/streamName.ts';
import type { AggregateFold } from '../aggregates/aggregateFold.ts';
import type { AggregateRef, AggregateRepository } from '../aggregates/aggregateRepository.ts';
import { readToken } from '../aggregates/aggregateToken.ts';

export type WriterViewResult =
  | { readonly outcome: 'view'; readonly view: WriterView }
  | { readonly outcome: 'malformed-token'; readonly detail: string };

/** Finds out what the writer of a command saw, from its token and the values it says it saw. */
export async function findWriterView(
  repository: AggregateRepository,
  ref: AggregateRef,
  { fold, command }: { fold: AggregateFold; command: Command },
): Promise<WriterViewResult> {
  const { token, seen } = toClaims(command);
  if (token === undefined) return view({ kind: 'unguarded', seen });
  const read = readToken(toStreamName(ref.definition.name, ref.id), token);
  if (read.kind !== 'point') return malformed(COMPLAINTS[read.kind]);
  if (fold.point === undefined || read.revision > fold.point.revision) return malformed(COMPLAINTS.future);
  const known = await repository.loadAt(ref, fold, read.revision);
  if (!known || !read.isOf(known.event.id)) return view({ kind: 'unknown' });
  const isCurrent = read.revision === fold.point.revision && seen === undefined;
  // Of what was deleted nothing is left to compare, and every command is refused.
  if (isCurrent || known.state.status !== 'existing') return view({ kind: 'current' });
  return view({ kind: 'older', seen: { ...known.state.fields, ...seen } });
}

const COMPLAINTS = {
  malformed: 'the consistency token is malformed',
  'other-aggregate': 'the consistency token is of another aggregate',
  future: 'the consistency token is of a state that has not been reached',
};

type Claims = { token?: ConsistencyToken | undefined; seen?: Record<string, unknown> | undefined };

function toClaims(command: Command): Claims {
  return command.kind === 'create' ? {} : command;
}

function view(found: WriterView): WriterViewResult {
  return { outcome: 'view', view: found };
}

function malformed(detail: string): WriterViewResult {
  return { outcome: 'malformed-token', detail };
}
