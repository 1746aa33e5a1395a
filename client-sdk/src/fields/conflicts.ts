import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { Command } from '../../protocol/messages/up.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import { type Choice, resolveByFunction } from '../conflictDefaults/resolveByFunction.ts';
import type { OpenConflict } from './changeResult.ts';
import type { ConflictingField } from './conflictingField.ts';
import { findOverlapping, mergeConflictingFields, putConflict } from './conflictList.ts';

type Conflict = OpenConflict<AggregateDefinition>;
type Asked = Parameters<Conflict['resolve']>[0];

/** A write that the server answered with a conflict. Plain data. */
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
  readonly choice: Choice<AggregateDefinition>;
  /** Nobody was asked. */
  readonly isByDefault?: boolean;
};

/** A conflict that was opened, and the ids of those that it took in. */
export type OpenedConflict = { readonly conflict: Conflict; readonly replaced: readonly string[] };

type OnResolve = (resolution: Resolution) => ReturnType<Conflict['resolve']>;

/** The conflicts of one aggregate, oldest first. */
export class Conflicts {
  readonly #onResolve: OnResolve;
  readonly #writes = new WeakMap<Conflict, ConflictingWrite>();
  // Decided, by commands that are not answered yet.
  readonly #decided = new Map<string, Conflict>();
  #open: readonly Conflict[] = [];

  constructor(onResolve: OnResolve) {
    this.#onResolve = onResolve;
  }

  /** The same array until it changes. */
  get open(): readonly Conflict[] {
    return this.#open;
  }

  /** Opens a conflict, in the place of those that it overlaps. `id`: of one that was open before. */
  add(newest: ConflictingWrite, id?: string): OpenedConflict {
    const { command } = newest;
    const named = command.kind === 'invoke' ? { command: command.name } : {};
    const older = findOverlapping(this.#open, { ...named, fields: newest.fields });
    const fields = mergeConflictingFields(
      older.flatMap((conflict) => conflict.fields),
      newest.fields,
    );
    const write = { ...[...this.#listWrites(older), newest].reduce(mergeWrites), fields };
    const conflict: Conflict = Object.freeze({
      id: id ?? older[0]?.id ?? newest.key,
      ...named,
      fields,
      // Asynchronous, so that what the function throws is a rejection.
      resolve: async (asked: Asked) =>
        this.#onResolve({
          conflict,
          write,
          choice: typeof asked === 'function' ? resolveByFunction(asked, conflict.fields) : asked,
        }),
    });
    this.#writes.set(conflict, write);
    this.#open = putConflict(this.#open, conflict);
    return { conflict, replaced: older.map((other) => other.id).filter((other) => other !== conflict.id) };
  }

  /** What a conflict has to be told of to be opened again. */
  writeOf(conflict: Conflict): ConflictingWrite | undefined {
    return this.#writes.get(conflict);
  }

  /** Somebody has decided, and the command that says so is on its way. */
  decide(id: string): void {
    const conflict = this.#open.find((candidate) => candidate.id === id);
    if (!conflict) return;
    this.#decided.set(id, conflict);
    this.#open = this.#open.filter((other) => other !== conflict);
  }

  /** It is over. */
  remove(id: string): void {
    this.#decided.delete(id);
    if (this.#open.some((conflict) => conflict.id === id)) {
      this.#open = this.#open.filter((conflict) => conflict.id !== id);
    }
  }

  /** Its resolution was refused. A newer conflict on the same fields stays. */
  reopen(id: string): void {
    const conflict = this.#decided.get(id);
    this.#decided.delete(id);
    if (conflict && findOverlapping(this.#open, conflict).length === 0) {
      this.#open = putConflict(this.#open, conflict);
    }
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
