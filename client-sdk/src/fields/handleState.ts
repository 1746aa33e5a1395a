import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { SaveState } from '../saveState.ts';
import type { OpenConflict } from './changeResult.ts';

type InAnyStatus<Definition extends AggregateDefinition> = {
  readonly conflicts: readonly OpenConflict<Definition>[];
  readonly saveState: SaveState;
};

/**
 * An aggregate at one moment, as this client shows it. Immutable.
 *
 * - `loading`: the server has not said yet.
 * - `missing`: it was never created.
 * - `deleted`: it is gone for good.
 * - `existing`: `fields` are the `confirmed` values of the server (undefined while a creation is on its way) with the
 *   `pending` ones over them; `token` stands for the confirmed state.
 */
export type HandleState<Definition extends AggregateDefinition> = InAnyStatus<Definition> &
  (
    | { readonly status: 'loading' }
    | { readonly status: 'missing' }
    | { readonly status: 'deleted' }
    | {
        readonly status: 'existing';
        readonly fields: Readonly<FieldsOf<Definition>>;
        readonly confirmed: Readonly<FieldsOf<Definition>> | undefined;
        readonly pending: readonly (keyof FieldsOf<Definition> & string)[];
        readonly token: ConsistencyToken | undefined;
      }
  );
