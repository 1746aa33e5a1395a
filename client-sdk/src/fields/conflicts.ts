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
  /** What it asked and is not applied, in conflict or not. */
  readonly values: Readonly<FieldValues>;
  /** What its author saw of these fields and of their groups. */
  readonly seen: Readonly<FieldValues>;
  readonly fields: readonly ConflictingField<FieldValues>[];
  /** Of the newest state, which the conflict shows. */
  readonly token: ConsistencyToken;
};

/** The conflict, what led to it, and what was chosen. */
export type Resolution = {
  readonly conflict: Conflict;
  /** The newest one, with what older ones of the same conflict asked besides. */
  readonly write: ConflictingWrite;
  readonly choice: Choice;
};

/** The open conflicts of one aggregate, oldest first. */
export class Conflicts {
  readonly #onResolve: (resolution: Resolution) => ReturnType<Conflict['resolve']>;
  readonly #writes = new WeakMap<Conflict, ConflictingWrite>();
  #open: readonly Conflict[] = [];

  constructor(onResolve: (resolution: Resolution) => ReturnType<Conflict['resolve']>) {
    this.#onResolve = onResolve;
  }

  /** The same array until it changes. */
  get open(): readonly Conflict[] {
    return this.#open;
  }

  /** Opens a conflict, in the place of those that it overlaps. */
  add(newest: ConflictingWrite): Conflict {
    const { command } = newest;
    const named = command.kind === 'invoke' ? { command: command.name } : {};
    const older = findOverlapping(this.#open, { ...named, fields: newest.fields });
    const write = [...this.#listWrites(older), newest].reduce(mergeWrites);
    const conflict: Conflict = Object.freeze({
      id: older[0]?.id ?? newest.key,
      ...named,
      fields: mergeConflictingFields(
        older.flatMap(({ fields }) => fields),
        newest.fields,
      ),
      resolve: (choice: Choice) => this.#onResolve({ conflict, write, choice }),
    });
    this.#writes.set(conflict, write);
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

  #listWrites(conflicts: readonly Conflict[]): ConflictingWrite[] {
    return conflicts.map((conflict) => this.#writes.get(conflict)).filter((write) => write !== undefined);
  }
}

/** The newer write with what the older one asked besides: each field with what was seen by whoever asked for it. */
function mergeWrites(older: ConflictingWrite, newer: ConflictingWrite): ConflictingWrite {
  const askedAgain = Object.entries(newer.seen).filter(([field]) => Object.hasOwn(newer.values, field));
  return {
    ...newer,
    values: { ...older.values, ...newer.values },
    seen: { ...newer.seen, ...older.seen, ...Object.fromEntries(askedAgain) },
  };
}
