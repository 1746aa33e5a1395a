import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ConflictPolicy } from './conflictPolicy.ts';
import type { AnyCommands, AnyEvents } from './domainCommand.ts';
import type { FieldIssue } from './fieldConflict.ts';

/** What the root type of a text is: a `Y.Text`, or a `Y.XmlFragment` for editors of structured documents. */
export type TextKind = 'text' | 'rich-text';

/** A text that merges by itself, in a root type that has the field's name. Made by `text()` and `richText()`. */
export type TextField<Kind extends TextKind = TextKind> = { readonly kind: Kind };

/** Declares a plain text field, a `Y.Text`: `text: { body: text() }`. */
export function text(): TextField<'text'> {
  return { kind: 'text' };
}

/** Declares a rich text field, a `Y.XmlFragment` such as ProseMirror and Tiptap edit: `text: { body: richText() }`. */
export function richText(): TextField<'rich-text'> {
  return { kind: 'rich-text' };
}

export type Schemas = Readonly<Record<string, StandardSchemaV1>>;
export type FieldsOfSchemas<S extends Schemas> = { [Name in keyof S]: StandardSchemaV1.InferOutput<S[Name]> };

/** What a command takes and answers, by its name. */
type CommandTypes = Record<string, { input: unknown; output: unknown }>;

/** The kind of each text field, by its name. */
type TextKinds = Record<string, TextKind>;

/** What a definition says of its types; there is no such value at run time. */
type Inferred<Fields, Optional, Texts, Commands> = {
  fields: Fields;
  optional: Optional;
  texts: Texts;
  commands: Commands;
};

/**
 * An aggregate type, as both the server and the client read it. Made by `defineAggregate`.
 * The type parameters are its name, its fields' values, the fields that `initial` fills, the kinds of its text
 * fields and what its commands take and answer.
 */
export interface AggregateDefinition<
  Name extends string = string,
  Fields = Record<string, unknown>,
  Optional extends string = string,
  Texts extends TextKinds = TextKinds,
  Commands = CommandTypes,
> {
  readonly name: Name;
  readonly fields: Schemas;
  readonly initial: Readonly<Record<string, unknown>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly onConflict: Readonly<Record<string, ConflictPolicy>>;
  readonly text: { readonly [Name in keyof Texts]: TextField<Texts[Name]> };
  readonly events: AnyEvents;
  readonly commands: AnyCommands;
  /** The invariant over all fields; an empty list where it holds. */
  check(fields: Readonly<Record<string, unknown>>): readonly FieldIssue[];
  readonly inferred?: Inferred<Fields, Optional, Texts, Commands>;
}

/** The values of an aggregate's fields: `{ title: string; … }`. */
export type FieldsOf<Definition extends AggregateDefinition> = NonNullable<Definition['inferred']>['fields'];

/** The names of an aggregate's text fields. */
export type TextOf<Definition extends AggregateDefinition> = keyof TextKindsOf<Definition> & string;

/** The kind of a text field. */
export type TextKindOf<
  Definition extends AggregateDefinition,
  Field extends TextOf<Definition>,
> = TextKindsOf<Definition>[Field];

type TextKindsOf<Definition extends AggregateDefinition> = NonNullable<Definition['inferred']>['texts'];

/** The names of an aggregate's domain commands. */
export type CommandOf<Definition extends AggregateDefinition> = keyof CommandTypesOf<Definition> & string;

/** What a domain command takes. */
export type InputOf<
  Definition extends AggregateDefinition,
  Name extends CommandOf<Definition>,
> = CommandTypesOf<Definition>[Name]['input'];

/** What a domain command answers besides its outcome; `never` where that is nothing. */
export type OutputOf<
  Definition extends AggregateDefinition,
  Name extends CommandOf<Definition>,
> = CommandTypesOf<Definition>[Name]['output'];

type CommandTypesOf<Definition extends AggregateDefinition> = NonNullable<Definition['inferred']>['commands'];

type OptionalOf<Definition extends AggregateDefinition> = NonNullable<Definition['inferred']>['optional'];

/** What creating an aggregate takes: every field that `initial` does not fill, and any of the others. */
export type CreateFieldsOf<Definition extends AggregateDefinition> = Omit<
  FieldsOf<Definition>,
  OptionalOf<Definition>
> &
  Partial<FieldsOf<Definition>>;
