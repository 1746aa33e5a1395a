import type { FieldValues, User } from '@weft/client/protocol';

/** Who last gave a field its value, and when (ISO 8601). */
export type Touch = { readonly by: User; readonly at: string };

/** An aggregate as its events leave it. */
export type AggregateState =
  | { readonly status: 'missing' }
  | ExistingAggregate
  | { readonly status: 'deleted'; readonly by: User; readonly at: string };

export type ExistingAggregate = {
  readonly status: 'existing';
  readonly fields: Readonly<FieldValues>;
  /** By field name. */
  readonly touched: Readonly<Record<string, Touch>>;
};

export const initialState: AggregateState = { status: 'missing' };
