import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { Resolution } from './conflicts.ts';
import type { Foresee } from './foresee.ts';
import { prepareChange, type PreparedCommand, prepareDelete, type WriterView } from './prepareCommand.ts';
import { prepareInvoke } from './prepareInvoke.ts';

/**
 * The command that resolves a conflict with anything but `theirs`. Whoever resolves has seen what the conflict shows
 * as stored, and beside it what is on display.
 */
export function prepareResolution(
  definition: AggregateDefinition,
  { conflict, write, choice, isByDefault = false }: Resolution,
  { shown, foresee }: { readonly shown: Readonly<FieldValues>; readonly foresee: Foresee },
): PreparedCommand {
  const stored = Object.fromEntries(conflict.fields.map(({ field, is }) => [field, is]));
  const fields = { ...shown, ...stored };
  const view: WriterView = { token: write.token, fields, pending: [] };
  // Nobody was asked about the fields that were not in conflict: what their author saw still judges them.
  const asAsked: WriterView = { ...view, fields: { ...shown, ...write.seen, ...stored } };
  if (typeof choice === 'object') return prepareChange(definition, choice, isByDefault ? asAsked : view);
  if (write.command.kind === 'delete') return prepareDelete(definition, view);
  if (write.command.kind === 'invoke') {
    return prepareInvoke(definition, write.command, { view, shown: fields, foresee });
  }
  const wanted = conflict.fields.filter(({ want }) => want !== undefined);
  const asked = { ...write.values, ...Object.fromEntries(wanted.map(({ field, want }) => [field, want])) };
  return prepareChange(definition, asked, asAsked);
}
