import type { FieldValues } from '@weft/client/protocol';

/** What can happen to an aggregate's fields. */
export type AggregateEvent =
  | { readonly kind: 'created'; readonly fields: Readonly<FieldValues> }
  | { readonly kind: 'changed'; readonly changes: Readonly<FieldValues> }
  | { readonly kind: 'deleted' }
  /** One of the definition's own events, which the definition knows how to apply. */
  | { readonly kind: 'domain'; readonly type: string; readonly data: unknown };
