import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { Command } from '../../protocol/messages/up.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { ConflictingField, OpenConflict } from './changeResult.ts';
import { findOverlapping, mergeConflictingFields, putConflict } from './conflictList.ts';

type Conflict = OpenConflict<AggregateDefinition>;
type Choice = Parameters<Conflict['resolve']>[0];

/** A write that the server answered with a conflict. */
export type ConflictingWrite = {
  readonly key: string;
  readonly command: Command;
  readonly fields: readonly ConflictingField<FieldValues>[];
  /** Of the newest state, which the conflict shows. */
  readonly token: ConsistencyToken;
};

/** The conflict, what led to it, and what was chosen. */
export type Resolution = {
  readonly conflict: Conflict;
  readonly write: ConflictingWrite;
  readonly choice: Choice;
};

/** The open conflicts of one aggregate, oldest first. */
export class Conflicts {
  readonly #onResolve: (resolution: Resolution) => ReturnType<Conflict['resolve']>;
  #open: readonly Conflict[] = [];

  constructor(onResolve: (resolution: Resolution) => ReturnType<Conflict['resolve']>) {
    this.#onResolve = onResolve;
  }

  /** The same array until it changes. */
  get open(): readonly Conflict[] {
    return this.#open;
  }

  /** Opens a conflict, in the place of those that it overlaps. */
  add(write: ConflictingWrite): Conflict {
    const { command } = write;
    const named = command.kind === 'invoke' ? { command: command.name } : {};
    const older = findOverlapping(this.#open, { ...named, fields: write.fields });
    const conflict: Conflict = Object.freeze({
      id: older[0]?.id ?? write.key,
      ...named,
      fields: mergeConflictingFields(
        older.flatMap(({ fields }) => fields),
        write.fields,
      ),
      resolve: (choice: Choice) => this.#onResolve({ conflict, write, choice }),
    });
    this.#open = putConflict(this.#open, conflict);
    return conflict;
  }

  remove({ id }: Conflict): void {
    this.#open = this.#open.filter((other) => other.id !== id);
  }

  /** Its resolution was refused. A newer conflict on the same fields stays. */
  reopen(conflict: Conflict): void {
    if (findOverlapping(this.#open, conflict).length === 0) this.#open = putConflict(this.#open, conflict);
  }
}
