import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { AnyCommands, AnyEvent, DecisionContext } from '../../protocol/domainCommand.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import { validateFields, validateValue } from '../../protocol/validateFields.ts';
import type { ClientContext } from '../clientContext.ts';

/** A command with an input that it takes, on the fields on display; undefined where there are none. */
export type Foreseeable = {
  readonly command: AnyCommands[string];
  readonly input: unknown;
  readonly fields: Readonly<FieldValues> | undefined;
};

/**
 * The new values of the fields that a domain command is expected to change. None where that cannot be told: what is
 * on display may be old, so that a refusal on it is not the server's.
 */
export type Foresee = (asked: Foreseeable) => Readonly<FieldValues>;

/** Decides as the server will, for one aggregate. What the definition throws is reported. */
export function createForesee(
  definition: AggregateDefinition,
  id: string,
  { connection, clock, report }: ClientContext,
): Foresee {
  return ({ command, input, fields }) => {
    const user = connection.knownUser;
    if (!fields || !user) return {};
    const context = { id, user, at: new Date(clock.now()).toISOString() };
    try {
      return decide(definition, { command, input, fields }, context);
    } catch (error) {
      report({ kind: 'decide-failed', error });
      return {};
    }
  };
}

function decide(
  definition: AggregateDefinition,
  { command, input, fields }: Foreseeable & { readonly fields: Readonly<FieldValues> },
  context: DecisionContext,
): FieldValues {
  // Copies, since what a definition does to its arguments must not reach what is on display.
  const decided = command.decide(structuredClone(fields), input, context);
  if ('refused' in decided) return {};
  const after = (decided.events ?? []).reduce<Readonly<FieldValues>>(
    (before, event) => ({ ...before, ...evolve(definition, structuredClone(before), event) }),
    fields,
  );
  const changed = Object.entries(after).filter(([field, value]) => !isEqual(value, fields[field]));
  const values = Object.fromEntries(changed);
  return validateFields(definition, values).issues.length > 0 ? {} : structuredClone(values);
}

function evolve(
  definition: AggregateDefinition,
  fields: Readonly<FieldValues>,
  { type, data }: AnyEvent,
): Readonly<FieldValues> {
  const event = Object.hasOwn(definition.events, type) ? definition.events[type] : undefined;
  if (!event) throw new TypeError(`${definition.name} knows no event '${type}'`);
  const valid = validateValue(event.data, data, type);
  if (!valid.ok) throw new TypeError(`${definition.name} does not declare such a '${type}'`);
  return event.evolve(fields, valid.value);
}
