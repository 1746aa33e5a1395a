import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import { isEqual } from '../../protocol/isEqual.ts';
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
  /** The keys of all of them. */
  readonly keys: readonly string[];
  readonly choice: Choice<AggregateDefinition>;
  /** Nobody was asked. */
  readonly isByDefault?: boolean;
};

/** Writes that are one conflict, because they share fields. */
type Group = Omit<Resolution, 'conflict' | 'choice'> & {
  readonly id: string;
  readonly command?: string | undefined;
  readonly fields: ConflictingWrite['fields'];
};

type Ordered = { readonly write: ConflictingWrite; readonly order: number };

/** What is stored now: the values, and who stored those that have changed since this client follows them. */
export type StoredNow = {
  readonly fields: Readonly<FieldValues>;
  readonly changes: ReadonlyMap<string, Pick<ConflictingField<FieldValues>, 'by' | 'at'>>;
};

type OnResolve = (resolution: Resolution) => ReturnType<Conflict['resolve']>;

/**
 * The conflicts of one aggregate. What is known is the writes that are in conflict, a set: whatever page hears of them and
 * of their end, in whatever order, they make the same conflicts.
 */
export class Conflicts {
  readonly #onResolve: OnResolve;
  readonly #writes = new Map<string, Ordered>();
  // By commands that are not answered yet. Pages may hear of a decision before they hear of the conflict.
  readonly #decided = new Set<string>();
  readonly #over = new Set<string>();
  readonly #groups = new WeakMap<Conflict, Group>();
  // By the keys of their writes; also of those that were decided, which may be opened again.
  readonly #made = new Map<string, Conflict>();
  #now: StoredNow | undefined;
  readonly #reached = new Set<string>();
  #open: readonly Conflict[] = [];

  constructor(onResolve: OnResolve) {
    this.#onResolve = onResolve;
  }

  /** Oldest first; the same array until it changes. */
  get open(): readonly Conflict[] {
    return this.#open;
  }

  /** The keys of all writes whose conflicts are open. */
  get openKeys(): readonly string[] {
    return this.#open.flatMap((conflict) => this.#groups.get(conflict)?.keys ?? []);
  }

  /** Of every write that is in conflict, also where somebody has decided about it. */
  get keys(): readonly string[] {
    return [...this.#writes.keys()];
  }

  /**
   * `order` is that of the command. Returns the conflict that the write is part of; it is not open where another page has
   * decided about it already.
   */
  add(write: ConflictingWrite, order: number): Conflict {
    if (!this.#over.has(write.key)) this.#writes.set(write.key, { write, order });
    this.#update();
    const open = this.#open.find((conflict) => this.#groups.get(conflict)?.keys.includes(write.key));
    return open ?? this.#toConflict(join([], write));
  }

  /** What led to a conflict; undefined where it is no longer open as it was. */
  originOf(conflict: Conflict): Pick<Resolution, 'write' | 'keys'> | undefined {
    return this.#groups.get(conflict);
  }

  /** Somebody has decided about these writes, and the command that says so is on its way. */
  decide(keys: readonly string[]): void {
    for (const key of keys) this.#decided.add(key);
    this.#update();
  }

  /** They are over. */
  remove(keys: readonly string[]): void {
    for (const key of keys) {
      this.#writes.delete(key);
      this.#decided.delete(key);
      this.#over.add(key);
    }
    for (const made of this.#made.keys()) {
      if (made.split(',').some((key) => !this.#writes.has(key))) this.#made.delete(made);
    }
    this.#update();
  }

  /** What was decided about them was refused. */
  reopen(keys: readonly string[]): void {
    for (const key of keys) this.#decided.delete(key);
    this.#update();
  }

  /** Shows what is stored now, where it is newer than what the server compared with. */
  refresh(now: StoredNow | undefined): void {
    if (this.#writes.size === 0) return;
    this.#now = now;
    this.#update();
  }

  #update(): void {
    const next = this.#group().map((group) => {
      const made = this.#made.get(group.keys.join());
      return made && isEqual(made.fields, group.fields) ? made : this.#toConflict(group);
    });
    const isSame = next.length === this.#open.length && next.every((one, at) => one === this.#open[at]);
    if (!isSame) this.#open = next;
  }

  #group(): readonly Group[] {
    const undecided = [...this.#writes.values()].filter(({ write }) => !this.#decided.has(write.key));
    const ordered = undecided.sort((a, b) => a.order - b.order || (a.write.key < b.write.key ? -1 : 1));
    const groups = ordered.reduce<readonly Group[]>(
      (before, { write }) => putConflict(before, join(before, write)),
      [],
    );
    return groups.map((group) => ({
      ...group,
      fields: group.fields.map((field) => this.#toNow(field, group.keys)),
    }));
  }

  /** Until what is stored was once what the server compared with, it may still be older. */
  #toNow(conflicting: ConflictingField<FieldValues>, keys: readonly string[]): ConflictingField<FieldValues> {
    const { field, is } = conflicting;
    if (!this.#now || !Object.hasOwn(this.#now.fields, field)) return conflicting;
    const now = this.#now.fields[field];
    const place = [...keys, field].join();
    if (isEqual(now, is)) this.#reached.add(place);
    if (isEqual(now, is) || !this.#reached.has(place)) return conflicting;
    const { by, at } = this.#now.changes.get(field) ?? { by: undefined, at: undefined };
    return { ...conflicting, is: now, by, at };
  }

  #toConflict(group: Group): Conflict {
    const { id, command, fields, write, keys } = group;
    const conflict: Conflict = Object.freeze({
      id,
      ...(command !== undefined && { command }),
      fields,
      // Asynchronous, so that what the function throws is a rejection.
      resolve: async (asked: Asked) =>
        this.#onResolve({
          conflict,
          write,
          keys,
          choice: typeof asked === 'function' ? resolveByFunction(asked, conflict.fields) : asked,
        }),
    });
    this.#groups.set(conflict, group);
    this.#made.set(group.keys.join(), conflict);
    return conflict;
  }
}

/** The write, with what older ones of the same conflict asked besides. */
function join(groups: readonly Group[], newest: ConflictingWrite): Group {
  const command = newest.command.kind === 'invoke' ? newest.command.name : undefined;
  const older = findOverlapping(groups, { command, fields: newest.fields });
  const fields = mergeConflictingFields(
    older.flatMap((group) => group.fields),
    newest.fields,
  );
  return {
    id: older[0]?.id ?? newest.key,
    command,
    fields,
    write: [...older.map(({ write }) => write), newest].reduce(mergeWrites),
    keys: [...older.flatMap(({ keys }) => keys), newest.key],
  };
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
