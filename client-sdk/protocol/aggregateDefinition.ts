import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ConflictPolicy } from './conflictPolicy.ts';
import type { FieldIssue } from './fieldConflict.ts';
import { validateFields } from './validateFields.ts';

/** A text that merges by itself: a `Y.Text` whose root type has the field's name. Made by `text()`. */
export type TextField = { readonly kind: 'text' };

/** Declares a plain text field: `text: { body: text() }`. */
export function text(): TextField {
  return { kind: 'text' };
}

type Schemas = Readonly<Record<string, StandardSchemaV1>>;
type FieldsOfSchemas<S extends Schemas> = { [Name in keyof S]: StandardSchemaV1.InferOutput<S[Name]> };

/** What a definition says of its types; there is no such value at run time. */
type Inferred<Fields, Optional, Text> = { fields: Fields; optional: Optional; text: Text };

/**
 * An aggregate type, as both the server and the client read it. Made by `defineAggregate`.
 * The type parameters are its name, its fields' values, the fields that `initial` fills and its text fields' names.
 */
export interface AggregateDefinition<
  Name extends string = string,
  Fields = Record<string, unknown>,
  Optional extends string = string,
  Text extends string = string,
> {
  readonly name: Name;
  readonly fields: Schemas;
  readonly initial: Readonly<Record<string, unknown>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly onConflict: Readonly<Record<string, ConflictPolicy>>;
  readonly text: Readonly<Record<Text, TextField>>;
  /** The invariant over all fields; an empty list where it holds. */
  check(fields: Readonly<Record<string, unknown>>): readonly FieldIssue[];
  readonly inferred?: Inferred<Fields, Optional, Text>;
}

/** The values of an aggregate's fields: `{ title: string; … }`. */
export type FieldsOf<Definition extends AggregateDefinition> = NonNullable<Definition['inferred']>['fields'];

/** The names of an aggregate's text fields. */
export type TextOf<Definition extends AggregateDefinition> = NonNullable<Definition['inferred']>['text'];

type OptionalOf<Definition extends AggregateDefinition> = NonNullable<Definition['inferred']>['optional'];

/** What creating an aggregate takes: every field that `initial` does not fill, and any of the others. */
export type CreateFieldsOf<Definition extends AggregateDefinition> = Omit<
  FieldsOf<Definition>,
  OptionalOf<Definition>
> &
  Partial<FieldsOf<Definition>>;

export interface AggregateOptions<
  S extends Schemas,
  Optional extends keyof S & string,
  Text extends Readonly<Record<string, TextField>>,
> {
  /**
   * One schema per field, of any library that implements Standard Schema. A schema is synchronous, returns JSON, and
   * accepts what it returns: values are stored, and checked again when they are merged.
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
  /** Text fields. A name is used once, for a field or for a text. Default: none. */
  text?: Text;
}

const AGGREGATE_NAME = /^[a-z][A-Za-z0-9]{0,63}$/;
const FIELD_NAME = /^[a-z][A-Za-z0-9]{0,63}$/;
// Members of a client, which an aggregate of that name would hide; a client with a `then` would pass for a promise.
const RESERVED_AGGREGATE_NAMES = new Set([
  'connection',
  'list',
  'close',
  'user',
  'saveState',
  'subscribe',
  'then',
]);

/**
 * Defines an aggregate type once, for server and browser; every type of the handle is inferred from it.
 *
 * @throws TypeError where the definition contradicts itself: a bad or reserved name, a group or policy of an unknown
 * field, a field in two groups, a name used for a field and a text, an initial value that its schema refuses.
 */
export function defineAggregate<
  const Name extends string,
  S extends Schemas,
  Optional extends keyof S & string = never,
  Text extends Readonly<Record<string, TextField>> = Record<never, never>,
>(
  name: Name,
  options: AggregateOptions<S, Optional, Text>,
): AggregateDefinition<Name, FieldsOfSchemas<S>, Optional, keyof Text & string> {
  const check = options.check as AggregateDefinition['check'] | undefined;
  const definition: AggregateDefinition = {
    name,
    fields: options.fields,
    initial: options.initial ?? {},
    groups: options.groups ?? {},
    onConflict: (options.onConflict ?? {}) as AggregateDefinition['onConflict'],
    text: options.text ?? {},
    check: (fields) => check?.(fields) ?? [],
  };
  const problem = findContradiction(definition);
  if (problem !== undefined) throw new TypeError(`defineAggregate('${name}'): ${problem}`);
  return definition as AggregateDefinition<Name, FieldsOfSchemas<S>, Optional, keyof Text & string>;
}

function findContradiction(definition: AggregateDefinition): string | undefined {
  const { fields, groups } = definition;
  return (
    findNameContradiction(definition) ??
    findUnknownField(definition) ??
    findInitialContradiction(definition) ??
    findGroupContradiction(fields, groups)
  );
}

function findNameContradiction({ name, fields, text: texts }: AggregateDefinition): string | undefined {
  // A name that every object has, such as toString, would be found where nothing was set.
  if (!AGGREGATE_NAME.test(name) || name in Object.prototype || RESERVED_AGGREGATE_NAMES.has(name)) {
    return 'the name is malformed or reserved';
  }
  const malformed = [...Object.keys(fields), ...Object.keys(texts)].find(
    (field) => !FIELD_NAME.test(field) || field in Object.prototype,
  );
  if (malformed !== undefined) return `the field name '${malformed}' is malformed`;
  const twice = Object.keys(texts).find((field) => Object.hasOwn(fields, field));
  return twice === undefined ? undefined : `'${twice}' is both a field and a text`;
}

function findUnknownField({ fields, initial, onConflict }: AggregateDefinition): string | undefined {
  const unknown = [...Object.keys(initial), ...Object.keys(onConflict)].find(
    (field) => !Object.hasOwn(fields, field),
  );
  return unknown === undefined ? undefined : `there is no field '${unknown}'`;
}

function findInitialContradiction(definition: AggregateDefinition): string | undefined {
  const issue = validateFields(definition, definition.initial).issues[0];
  return issue && `initial.${issue.path}: ${issue.message}`;
}

function findGroupContradiction(
  fields: AggregateDefinition['fields'],
  groups: AggregateDefinition['groups'],
): string | undefined {
  const seen = new Set<string>();
  for (const field of Object.values(groups).flat()) {
    if (!Object.hasOwn(fields, field)) return `there is no field '${field}' to group`;
    if (seen.has(field)) return `'${field}' is in two groups`;
    seen.add(field);
  }
  return undefined;
}
