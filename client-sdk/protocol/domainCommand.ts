import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { FieldIssue } from './fieldConflict.ts';
import type { FieldValues } from './outcome.ts';
import type { User } from './user.ts';

/** A fact of the aggregate's own, beside those that every aggregate has: its data, and what it makes of the fields. */
export type EventDefinition<Fields, Data> = {
  /** Of the data. Synchronous; returns JSON. */
  readonly data: StandardSchemaV1<unknown, Data>;
  /** New values of the fields that the event changes. Pure: it runs again whenever the event is read. */
  evolve(fields: Readonly<Fields>, data: Data): Partial<Fields>;
};

/** What a command is decided with, besides the fields. */
export type DecisionContext = {
  readonly id: string;
  readonly user: User;
  /** The time of the decision, ISO 8601. */
  readonly at: string;
};

/** A command's own refusal, with complaints about single values where there are some. */
export type Refusal = { readonly refused: string; readonly errors?: readonly FieldIssue[] };

/** Events to append, none of them by default, and what to answer besides; or a refusal. */
export type CommandDecision<Event, Output> =
  { readonly events?: readonly Event[]; readonly output?: Output } | Refusal;

export type CommandDefinition<Fields, Event, Input, Output> = {
  readonly input: StandardSchemaV1<unknown, Input>;
  readonly output: StandardSchemaV1<unknown, Output> | undefined;
  readonly reads: readonly string[];
  decide(fields: Readonly<Fields>, input: Input, context: DecisionContext): CommandDecision<Event, Output>;
};

export type CommandOptions<Fields, Event, Input, Output> = {
  /** Fields that the decision depends on beside those it changes: a newer value of theirs is a conflict. Default: none. */
  readonly reads?: readonly (keyof Fields & string)[];
  /** Of what the command answers. Synchronous; returns JSON. Default: the command answers nothing of its own. */
  readonly output?: StandardSchemaV1<unknown, Output>;
  /** Decides on the newest state. Pure: it runs again where another writer was first. */
  decide(fields: Readonly<Fields>, input: Input, context: DecisionContext): CommandDecision<Event, Output>;
};

/** An event as `decide` returns it: its name in the definition, and its data. */
export type EventOf<Events> = {
  [Type in keyof Events & string]: {
    readonly type: Type;
    readonly data: Events[Type] extends { readonly data: StandardSchemaV1<unknown, infer Data> }
      ? Data
      : never;
  };
}[keyof Events & string];

/** Declares an event, in `events: (event) => ({ NoteAssigned: event(schema, evolve) })`. */
export type DeclareEvent<Fields> = <Data>(
  data: StandardSchemaV1<unknown, Data>,
  evolve: (fields: Readonly<Fields>, data: Data) => Partial<Fields>,
) => EventDefinition<Fields, Data>;

/** Declares a command, in `commands: (command) => ({ assign: command(schema, { decide }) })`. */
export type DeclareCommand<Fields, Event> = <Input, Output = never>(
  input: StandardSchemaV1<unknown, Input>,
  options: CommandOptions<Fields, Event, Input, Output>,
) => CommandDefinition<Fields, Event, Input, Output>;

export type AnyEvent = { readonly type: string; readonly data: unknown };
export type AnyEvents = Readonly<Record<string, EventDefinition<FieldValues, unknown>>>;
export type AnyCommands = Readonly<
  Record<string, CommandDefinition<FieldValues, AnyEvent, unknown, unknown>>
>;

export const declareEvent: DeclareEvent<FieldValues> = (data, evolve) => ({ data, evolve });

export const declareCommand: DeclareCommand<FieldValues, AnyEvent> = (input, options) => ({
  input,
  output: options.output,
  reads: options.reads ?? [],
  decide: (fields, given, context) => options.decide(fields, given, context),
});
