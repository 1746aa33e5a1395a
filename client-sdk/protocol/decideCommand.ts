import type { AggregateDefinition } from './aggregateDefinition.ts';
import type { AnyCommands, AnyEvent, CommandDecision, DecisionContext, Refusal } from './domainCommand.ts';
import type { FieldValues } from './outcome.ts';
import { type ValidatedValue, validateValue } from './validateFields.ts';

type EventSource = Pick<AggregateDefinition, 'name' | 'events'>;
type AnyCommand = AnyCommands[string];

/** What a domain command comes to: its events, and the fields as they leave them; or its own refusal. */
export type DecidedCommand =
  | Refusal
  | {
      readonly events: readonly AnyEvent[];
      readonly fields: Readonly<FieldValues>;
      /** As its schema returns it; undefined where the command has none. */
      readonly output: unknown;
    };

/**
 * Decides a domain command on some fields, which stay as they are whatever the definition does.
 *
 * @throws Error where the definition contradicts itself: an event or an output other than it declares, or a promise.
 */
export function decideCommand(
  definition: EventSource,
  command: AnyCommand,
  asked: {
    readonly fields: Readonly<FieldValues>;
    readonly input: unknown;
    readonly context: DecisionContext;
  },
): DecidedCommand {
  const decided: CommandDecision<AnyEvent, unknown> = assertNoPromise(
    command.decide(structuredClone(asked.fields), asked.input, asked.context),
  );
  if ('refused' in decided) return decided;
  const events = (decided.events ?? []).map((event) => toDeclared(definition, event));
  const fields = events.reduce<Readonly<FieldValues>>(
    (before, event) => ({ ...before, ...applyEvent(definition, before, event) }),
    asked.fields,
  );
  const output = command.output && expectValid(validateValue(command.output, decided.output, 'output'));
  return { events, fields, output };
}

/**
 * New values of the fields that one of a definition's events changes.
 *
 * @throws Error where the definition does not know the event.
 */
export function applyEvent(
  definition: EventSource,
  fields: Readonly<FieldValues>,
  { type, data }: AnyEvent,
): Readonly<FieldValues> {
  return assertNoPromise(findEvent(definition, type).evolve(structuredClone(fields), data));
}

function findEvent(definition: EventSource, type: string): EventSource['events'][string] {
  const event = Object.hasOwn(definition.events, type) ? definition.events[type] : undefined;
  if (!event) throw new Error(`${definition.name} knows no event '${type}'`);
  return event;
}

function toDeclared(definition: EventSource, { type, data }: AnyEvent): AnyEvent {
  return { type, data: expectValid(validateValue(findEvent(definition, type).data, data, type)) };
}

function expectValid(validated: ValidatedValue): unknown {
  if (validated.ok) return validated.value;
  const issues = validated.issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new Error(`a command decided on what is not as it declares it: ${issues}`);
}

// What its types forbid, whoever writes JavaScript may do; without this it would pass for deciding nothing.
function assertNoPromise<Value>(value: Value): Value {
  if (value instanceof Promise) throw new TypeError('a command is decided, and an event applied, at once');
  return value;
}
