import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { Resolution } from './conflicts.ts';
import { prepareChange, type PreparedCommand, prepareDelete, type WriterView } from './prepareCommand.ts';

/**
 * The command that resolves a conflict with anything but `theirs`. Whoever resolves has seen what the conflict shows
 * as stored, and beside it what is on display.
 */
export function prepareResolution(
  definition: AggregateDefinition,
  { conflict, write, choice }: Resolution,
  shown: Readonly<FieldValues>,
): PreparedCommand {
  const stored = Object.fromEntries(conflict.fields.map(({ field, is }) => [field, is]));
  const view: WriterView = { token: write.token, fields: { ...shown, ...stored }, pending: [] };
  if (typeof choice === 'object') return prepareChange(definition, choice, view);
  if (write.kind === 'delete') return prepareDelete(definition, view);
  const asked = conflict.fields.filter(({ want }) => want !== undefined);
  return prepareChange(definition, Object.fromEntries(asked.map(({ field, want }) => [field, want])), view);
}
