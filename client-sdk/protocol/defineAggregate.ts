import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { AggregateDefinition, FieldsOfSchemas, Schemas, TextField } from './aggregateDefinition.ts';
import type { ConflictPolicy } from './conflictPolicy.ts';
import {
  type AnyCommands,
  type AnyEvents,
  declareCommand,
  type DeclareCommand,
  declareEvent,
  type DeclareEvent,
  type EventOf,
} from './domainCommand.ts';
import type { FieldIssue } from './fieldConflict.ts';
import { findContradiction } from './findContradiction.ts';

type TypesOfCommands<Commands> = {
  [Name in keyof Commands]: Commands[Name] extends {
    readonly input: StandardSchemaV1<unknown, infer Input>;
    readonly output: StandardSchemaV1<unknown, infer Output> | undefined;
  }
    ? { input: Input; output: Output }
    : never;
};

type KindsOfTexts<Texts extends Readonly<Record<string, TextField>>> = {
  [Name in keyof Texts & string]: Texts[Name]['kind'];
};

export interface AggregateOptions<
  S extends Schemas,
  Optional extends keyof S & string,
  Text extends Readonly<Record<string, TextField>>,
  Events,
  Commands,
> {
  /**
   * One schema per field, of any library that implements Standard Schema. A schema is synchronous, returns JSON, and
   * accepts what it returns: values are stored, and checked again when they are merged. Every field has a value: one that
   * may be empty is nullable rather than optional, and has its default in `initial`.
   */
  fields: S;
  /** Values of a new aggregate; a field without one must be given on creation. Default: none. */
  initial?: { [Name in Optional]: FieldsOfSchemas<S>[Name] };
  /** Fields that change and conflict together, by group name. A field is in one group at most. Default: none. */
  groups?: Readonly<Record<string, readonly (keyof S & string)[]>>;
  /** What happens to a field that somebody else changed meanwhile. Default: `'reject'` for every field. */
  onConflict?: { [Name in keyof S]?: ConflictPolicy<FieldsOfSchemas<S>[Name]> };
  /**
   * The invariant over all fields: returns what is wrong, or an empty list. Pure; runs on the server for every
   * write. Default: everything is allowed.
   */
  check?(fields: Readonly<FieldsOfSchemas<S>>): readonly FieldIssue[];
  /** Text fields, of `text()` and `richText()`. A name is used once, for a field or for a text. Default: none. */
  text?: Text;
  /** Events of its own, by their type, such as `NoteAssigned`; what its commands append. Default: none. */
  events?(event: DeclareEvent<FieldsOfSchemas<S>>): Events;
  /** Domain commands, by their name, such as `assign`. Default: none. */
  commands?(command: DeclareCommand<FieldsOfSchemas<S>, EventOf<Events>>): Commands;
}

/**
 * Defines an aggregate type once, for server and browser; every type of the handle is inferred from it.
 *
 * @throws TypeError where the definition contradicts itself: a bad or reserved name, a group, policy or command of an
 * unknown field, a field in two groups, a name used for a field and a text, an initial value that its schema refuses.
 */
export function defineAggregate<
  const Name extends string,
  S extends Schemas,
  Optional extends keyof S & string = never,
  Text extends Readonly<Record<string, TextField>> = Record<never, never>,
  Events = Record<never, never>,
  Commands = Record<never, never>,
>(
  name: Name,
  options: AggregateOptions<S, Optional, Text, Events, Commands>,
): AggregateDefinition<Name, FieldsOfSchemas<S>, Optional, KindsOfTexts<Text>, TypesOfCommands<Commands>> {
  const definition = toDefinition(name, options as unknown as AnyOptions);
  const problem = findContradiction(definition);
  if (problem !== undefined) throw new TypeError(`defineAggregate('${name}'): ${problem}`);
  return definition as ReturnType<typeof defineAggregate<Name, S, Optional, Text, Events, Commands>>;
}

/** The options without their types: what the type parameters promise is what `defineAggregate` declares. */
type AnyOptions = Partial<Omit<AggregateDefinition, 'name' | 'fields' | 'events' | 'commands'>> & {
  readonly fields: Schemas;
  events?(event: typeof declareEvent): AnyEvents;
  commands?(command: typeof declareCommand): AnyCommands;
};

function toDefinition(name: string, options: AnyOptions): AggregateDefinition {
  return {
    name,
    fields: options.fields,
    initial: options.initial ?? {},
    groups: options.groups ?? {},
    onConflict: options.onConflict ?? {},
    text: options.text ?? {},
    events: options.events?.(declareEvent) ?? {},
    commands: options.commands?.(declareCommand) ?? {},
    check: (fields) => options.check?.(fields) ?? [],
  };
}
