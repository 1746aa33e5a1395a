import type { User } from '../../protocol/user.ts';

/**
 * One field of a conflict. `was`: what the writer saw; undefined where the server no longer knows. `is`: what is
 * stored. `want`: what was asked; undefined where that was a deletion, or a command that only reads the field. `by`
 * and `at` (ISO 8601) say who stored `is` and when; undefined where the server no longer knows what the writer saw.
 */
export type ConflictingField<Fields, Name extends keyof Fields = keyof Fields> = {
  [Field in Name]: {
    readonly field: Field;
    readonly was: Fields[Field] | undefined;
    readonly is: Fields[Field];
    readonly want: Fields[Field] | undefined;
    readonly by: User | undefined;
    readonly at: string | undefined;
  };
}[Name];
