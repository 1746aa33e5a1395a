import type {
  AggregateDefinition,
  CommandOf,
  CreateFieldsOf,
  FieldsOf,
  InputOf,
  OutputOf,
  TextKindOf,
  TextOf,
} from '../../protocol/aggregateDefinition.ts';
import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { SaveState } from '../saveState.ts';
import type { TextHandle, TextOptions } from '../text/textHandle.ts';
import type { ChangeResult, OpenConflict, UndoResult } from './changeResult.ts';
import type { HandleState } from './handleState.ts';

/** The state that the author of a write saw. Default: what is on display when the write is asked for. */
export type WriteOptions<Definition extends AggregateDefinition> = {
  readonly seen?: HandleState<Definition> | undefined;
};

/**
 * One aggregate: its fields, with conflicts as values, and its texts. The same object for the same id until it is
 * closed. Writing to a closed handle rejects with an error, and so does other misuse; nothing else does.
 */
export type AggregateHandle<Definition extends AggregateDefinition> = AsyncDisposable & {
  readonly id: string;
  /** The name of its type. */
  readonly aggregate: Definition['name'];
  /** As in `peek()`. */
  readonly status: HandleState<Definition>['status'];
  /** The values on display; none while it is not `existing`. */
  readonly fields: Readonly<Partial<FieldsOf<Definition>>>;
  /** Of the confirmed state; undefined while there is none. */
  readonly token: ConsistencyToken | undefined;
  readonly conflicts: readonly OpenConflict<Definition>[];
  readonly saveState: SaveState;
  /** The same object until something changes. */
  peek(): HandleState<Definition>;
  /** Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
  /**
   * Waits until there is something to show, `existing`, `missing` or `deleted`: the server has said, or the device knew, which
   * `freshness` tells apart. `signal` ends the wait alone;
   * the promise rejects with its reason, and where the handle is closed meanwhile.
   */
  whenReady(options?: { readonly signal?: AbortSignal | undefined }): Promise<HandleState<Definition>>;
  create(fields: CreateFieldsOf<Definition>): Promise<ChangeResult<Definition>>;
  /**
   * Gives fields new values. Shown at once, and taken back if it is refused. A change of what was never seen, because
   * the state is still `loading`, is not checked for conflicts.
   */
  change(
    patch: Partial<FieldsOf<Definition>>,
    options?: WriteOptions<Definition>,
  ): Promise<ChangeResult<Definition>>;
  /** Deletes it for good. Its result has no fields. */
  delete(options?: WriteOptions<Definition>): Promise<ChangeResult<Definition, Record<never, never>>>;
  /**
   * Carries out a domain command of the definition. What it does is shown at once, as the definition decides it on
   * what is on display, and taken back if it is refused; the server decides it on what is stored. Its result has the
   * command's `output`, where it has one.
   *
   * The promise rejects with a TypeError where there is no such command, or the input is not JSON.
   */
  run<Name extends CommandOf<Definition>>(
    name: Name,
    input: InputOf<Definition, Name>,
    options?: WriteOptions<Definition>,
  ): Promise<ChangeResult<Definition, FieldsOf<Definition>, OutputOf<Definition, Name>>>;
  /**
   * Takes back this person's last action since the page was opened: a change of fields, by a command that gives them back
   * their values and is judged by the values that it takes back, or an edit of an open text. Creations, deletions, domain
   * commands and answers to conflicts are not taken back.
   */
  undo(): Promise<UndoResult<Definition>>;
  /** Does again what was taken back last, unless there was another action since. */
  redo(): Promise<UndoResult<Definition>>;
  /**
   * Opens a text: with `ytext`, or with `yxml` where the definition says `richText()`. The same object until it is
   * closed by the application; then what the server has is opened anew.
   *
   * @throws TypeError where there is no such text field; Error where the handle is closed.
   */
  text<Field extends TextOf<Definition>>(
    field: Field,
    options?: TextOptions,
  ): TextHandle<TextKindOf<Definition, Field>>;
  /**
   * Idempotent. Ends subscriptions and texts. Commands and edits that wait are still sent; what becomes of commands is
   * told to whoever asked for them.
   */
  close(): void;
};
