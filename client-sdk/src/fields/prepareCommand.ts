import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { FieldIssue } from '../../protocol/fieldConflict.ts';
import type { Command } from '../../protocol/messages/up.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { Rejection } from '../../protocol/rejection.ts';
import { completeFields, validateFields } from '../../protocol/validateFields.ts';
import type { HandleState } from './handleState.ts';
import { toJson } from './toJson.ts';
import { toMergePatch } from './toMergePatch.ts';

/**
 * A command to send, with whole values of the fields that it sets; or why it is not worth sending. The values are as
 * their schemas return them, which is how they will be stored: what is shown of them is what the author of the next
 * command says it saw.
 */
export type PreparedCommand =
  | { readonly outcome: 'prepared'; readonly command: Command; readonly values: Readonly<FieldValues> }
  | Rejection;

/** What a writer saw: a confirmed state, and single values on top of it. */
export type WriterView = {
  readonly token: ConsistencyToken | undefined;
  /** Undefined where the writer saw nothing: then nothing is detected. */
  readonly fields: Readonly<FieldValues> | undefined;
  /** The fields whose values are the writer's own, still on their way: what the token's state does not tell. */
  readonly pending: readonly string[];
};

/** @throws TypeError where the values are not JSON. */
export function prepareCreate(definition: AggregateDefinition, given: FieldValues): PreparedCommand {
  const asked = toJson(given);
  const { values, issues } = completeFields(definition, asked);
  if (issues.length > 0) return reject(issues);
  const fields = Object.fromEntries(Object.keys(asked).map((name) => [name, values[name]]));
  return { outcome: 'prepared', command: { kind: 'create', fields }, values };
}

/** @throws TypeError where the values are not JSON. */
export function prepareChange(
  definition: AggregateDefinition,
  given: FieldValues,
  view: WriterView,
): PreparedCommand {
  const { values, issues } = validateFields(definition, toJson(given));
  if (issues.length > 0) return reject(issues);
  const names = Object.keys(values);
  const patch = Object.fromEntries(
    names.map((name) => [name, toMergePatch(view.fields?.[name], values[name])]),
  ) as FieldValues;
  const guard = toGuard(view, [...withGroups(definition, names), ...view.pending]);
  return { outcome: 'prepared', command: { kind: 'change', patch, ...guard }, values };
}

export function prepareDelete(definition: AggregateDefinition, view: WriterView): PreparedCommand {
  const guard = toGuard(view, Object.keys(definition.fields));
  return { outcome: 'prepared', command: { kind: 'delete', ...guard }, values: {} };
}

/** What is on display in a state, as its writer's view. */
export function toWriterView(state: HandleState<AggregateDefinition>): WriterView {
  return state.status === 'existing'
    ? { token: state.token, fields: state.fields, pending: state.pending }
    : { token: undefined, fields: undefined, pending: [] };
}

function reject(errors: FieldIssue[]): Rejection {
  return { outcome: 'rejected', code: 'invalid-fields', detail: 'some values are not allowed', errors };
}

/** Fields with those that change and conflict together with them. */
export function withGroups(definition: AggregateDefinition, names: readonly string[]): readonly string[] {
  const groups = Object.values(definition.groups).filter((group) =>
    group.some((name) => names.includes(name)),
  );
  return [...new Set([...names, ...groups.flat()])];
}

/** What a command says that its writer saw, of these fields. */
export function toGuard({ token, fields }: WriterView, names: readonly string[]) {
  if (!fields) return {};
  const seen: FieldValues = {};
  for (const name of names) if (Object.hasOwn(fields, name)) seen[name] = fields[name];
  return { ...(token !== undefined && { token }), seen };
}
