import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import { validateValue } from '../../protocol/validateFields.ts';
import type { Foresee } from './foresee.ts';
import { type PreparedCommand, toGuard, withGroups, type WriterView } from './prepareCommand.ts';
import { toJson } from './toJson.ts';

/** A domain command that is asked for. */
export type Invocation = { readonly name: string; readonly input: unknown };

type InvokeOptions = {
  readonly view: WriterView;
  /** What is on display, and the command is foreseen on. */
  readonly shown: Readonly<FieldValues> | undefined;
  readonly foresee: Foresee;
};

/** @throws TypeError where there is no such command, or the input is not JSON. */
export function prepareInvoke(
  definition: AggregateDefinition,
  { name, input: given }: Invocation,
  { view, shown, foresee }: InvokeOptions,
): PreparedCommand {
  const command = Object.hasOwn(definition.commands, name) ? definition.commands[name] : undefined;
  if (!command) throw new TypeError(`${definition.name} has no command '${name}'`);
  const input = toJson(given);
  // A copy, which the decision may do with what it likes: what is sent is the input as it was given.
  const valid = validateValue(command.input, toJson(input), '');
  if (!valid.ok) {
    const detail = 'the command does not take this';
    return { outcome: 'rejected', code: 'invalid-input', detail, errors: valid.issues };
  }
  const values = foresee({ command, input: valid.value, fields: shown });
  const judged = withGroups(definition, [...command.reads, ...Object.keys(values)]);
  const guard = toGuard(view, [...judged, ...view.pending]);
  return { outcome: 'prepared', command: { kind: 'invoke', name, input, ...guard }, values };
}
