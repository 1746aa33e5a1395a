import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import { decideCommand } from '../../protocol/decideCommand.ts';
import type { AnyCommands, DecisionContext } from '../../protocol/domainCommand.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import { validateFields } from '../../protocol/validateFields.ts';
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
  const decided = decideCommand(definition, command, { fields, input, context });
  if ('refused' in decided) return {};
  const changed = Object.entries(decided.fields).filter(([field, value]) => !isEqual(value, fields[field]));
  const values = Object.fromEntries(changed);
  // Copies, since the definition may keep what it returned.
  return validateFields(definition, values).issues.length > 0 ? {} : structuredClone(values);
}
