import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import type { ConflictingField } from '../fields/conflictingField.ts';

/**
 * Decides about one field of a conflict without asking anybody: what was asked for (`'mine'`), what is stored
 * (`'theirs'`), or another value. Undefined: a person decides, about the whole conflict. Synchronous.
 */
export type Resolver<
  Definition extends AggregateDefinition,
  Field extends keyof FieldsOf<Definition> = keyof FieldsOf<Definition>,
> = (
  conflicting: ConflictingField<FieldsOf<Definition>, Field>,
) => 'mine' | 'theirs' | { readonly value: FieldsOf<Definition>[Field] } | undefined;

/** Resolvers of an application, by aggregate and field: `{ note: { title: ({ is, want }) => … } }`. */
export type Resolvers<Definitions extends readonly AggregateDefinition[]> = {
  readonly [Definition in Definitions[number] as Definition['name']]?:
    { readonly [Field in keyof FieldsOf<Definition>]?: Resolver<Definition, Field> | undefined } | undefined;
};

/** The resolvers of one aggregate, whichever it is. */
export type AnyResolvers = Readonly<Record<string, Resolver<AggregateDefinition> | undefined>>;
