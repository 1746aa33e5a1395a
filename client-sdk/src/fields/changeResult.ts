import type { AggregateDefinition, CommandOf, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { FieldIssue, LostValue } from '../../protocol/fieldConflict.ts';
import type { RejectionCode } from '../../protocol/rejection.ts';
import type { Choice, Choose } from '../conflictDefaults/resolveByFunction.ts';
import type { ConflictingField } from './conflictingField.ts';

/** What a domain command answers besides; nothing where that is `never`. */
type WithOutput<Output> = [Output] extends [never]
  ? unknown
  : undefined extends Output
    ? { readonly output?: Output }
    : { readonly output: Output };

/**
 * What the server decided.
 *
 * - `accepted`, `merged`: applied and durable; `merged` means beside newer changes by others. `changed` names the
 *   fields that got a new value, `fields` are all of them, `token` stands for the state it led to, `lost` are the
 *   values that gave way by their fields' policies, `output` is what a domain command answers.
 * - `conflict`: not applied; the conflict is in the handle's `conflicts` as well.
 * - `rejected`: refused as it stands. `closed`: the client was closed before the answer came, and whether the
 *   server got to it is not known.
 */
export type SettledResult<
  Definition extends AggregateDefinition,
  Fields = FieldsOf<Definition>,
  Output = never,
> =
  | ({
      readonly outcome: 'accepted' | 'merged';
      readonly changed: readonly (keyof FieldsOf<Definition> & string)[];
      readonly fields: Readonly<Fields>;
      readonly token: ConsistencyToken;
      readonly lost?: readonly LostValue[] | undefined;
    } & WithOutput<Output>)
  | { readonly outcome: 'conflict'; readonly conflict: OpenConflict<Definition> }
  | {
      readonly outcome: 'rejected';
      readonly code: RejectionCode | 'closed';
      readonly detail: string;
      readonly errors?: readonly FieldIssue[] | undefined;
    };

/**
 * What became of a write. `queued`: there is no connection; it is sent when there is one, and `settled` resolves to
 * what the server decides then. `key` is its idempotency key.
 */
export type ChangeResult<
  Definition extends AggregateDefinition,
  Fields = FieldsOf<Definition>,
  Output = never,
> =
  | SettledResult<Definition, Fields, Output>
  | {
      readonly outcome: 'queued';
      readonly key: string;
      readonly settled: Promise<SettledResult<Definition, Fields, Output>>;
    };

/**
 * What became of taking an action back, or doing it again. `nothing`: there was none. `text`: an edit of this text, which
 * is sent as any other edit. Else what became of the command that gives fields back their values: where somebody changed them
 * since, that is a conflict.
 */
export type UndoResult<Definition extends AggregateDefinition> =
  | { readonly outcome: 'nothing' }
  | { readonly outcome: 'text'; readonly field: string }
  | ChangeResult<Definition>;

/**
 * A write that would have overwritten somebody's newer values, until somebody decides. Immutable: a later conflict
 * on one of its fields puts a new object of the same `id` in its place.
 */
export type OpenConflict<Definition extends AggregateDefinition> = {
  readonly id: string;
  /** The domain command that was asked for; undefined where that was a change or a deletion. */
  readonly command?: CommandOf<Definition> | undefined;
  readonly fields: readonly ConflictingField<FieldsOf<Definition>>[];
  /**
   * Asks anew, or gives way. The conflict is no longer open from then on; a rejection opens it again.
   *
   * - `'mine'` asks again for all that was asked. What is in conflict is written over its `is`. The fields that were
   *   not in conflict, of which nothing was applied either, are asked for as they were seen when they were asked for
   *   first. A deletion or a domain command is carried out again, on what the conflict shows.
   * - `'theirs'` leaves everything as it is stored, also the fields that were not in conflict.
   * - Fields ask for just those, judged by `is` or, where they were not in conflict, by what is on display.
   * - A function is called with the conflict's fields, and answers one of these. What it throws rejects the promise.
   *
   * A value that is newer than what it is judged by is another conflict.
   */
  resolve(
    choice: Choice<Definition> | Choose<Definition>,
  ): Promise<ChangeResult<Definition, Partial<FieldsOf<Definition>>, unknown>>;
};
