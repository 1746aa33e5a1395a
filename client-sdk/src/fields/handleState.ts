import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { SaveState } from '../saveState.ts';
import type { OpenConflict } from './changeResult.ts';

type InAnyStatus<Definition extends AggregateDefinition> = {
  readonly conflicts: readonly OpenConflict<Definition>[];
  readonly saveState: SaveState;
  /**
   * `live`: as the server has it, and every change is heard of. `cached`: as this client last heard, such as before a
   * restart, or while there is no connection.
   */
  readonly freshness: 'cached' | 'live';
  /** Whether there is an action of one's own to take back, or to do again. */
  readonly canUndo: boolean;
  readonly canRedo: boolean;
};

/**
 * An aggregate at one moment, as this client shows it. Immutable.
 *
 * - `loading`: neither the server has said yet, nor does the device know.
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
