import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { Applied, CommandOutcome, ConflictOutcome } from '../../protocol/outcome.ts';
import type { ClientContext } from '../clientContext.ts';
import type { StorageChange, StoredOutcome } from '../storage/storedRecords.ts';
import type { AggregateAddress } from './aggregateSubscription.ts';
import type { OpenConflict, SettledResult } from './changeResult.ts';
import { isShownBy } from './commandQueue.ts';
import type { AwaitedCommand, Commands } from './commands.ts';
import type { Conflicts } from './conflicts.ts';
import type { FollowedState } from './followedState.ts';
import { toConflictingFields } from './toConflictingFields.ts';

export type SettlerOptions = {
  readonly context: ClientContext;
  readonly address: AggregateAddress;
  readonly commands: Commands;
  readonly conflicts: Conflicts;
  readonly followed: FollowedState;
};

/** What an answer leads to, and what has to be written of it. */
export type Settled = {
  readonly result: SettledResult<AggregateDefinition>;
  readonly changes: readonly StorageChange[];
  /** What to tell the application, where nobody waits for the answer any more. */
  readonly late: StoredOutcome | undefined;
};

/** Brings the answers to commands home: into the queue, and into the conflicts. */
export class Settler {
  readonly #options: SettlerOptions;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  settle(command: AwaitedCommand, outcome: CommandOutcome): Settled {
    const { address } = this.#options;
    const { key, order, values } = command;
    const late = command.isLate
      ? { ...address, key, order, command: command.command, values, outcome }
      : undefined;
    const { result, changes } = this.#settle(command, outcome);
    return { result, late, changes: late ? [...changes, { type: 'put-outcome', outcome: late }] : changes };
  }

  #settle(command: AwaitedCommand, outcome: CommandOutcome): Omit<Settled, 'late'> {
    const { commands, conflicts } = this.#options;
    const changes: StorageChange[] = [{ type: 'remove-command', key: command.key }];
    if (outcome.outcome === 'rejected') {
      commands.remove(command.key);
      if (command.resolves !== undefined) conflicts.reopen(command.resolves);
      return { result: outcome, changes };
    }
    if (command.resolves !== undefined) changes.push(this.removeConflict(command.resolves));
    if (outcome.outcome === 'conflict') commands.remove(command.key);
    else this.#noteApplied(command, outcome);
    if (outcome.outcome === 'accepted' || outcome.outcome === 'merged') return { result: outcome, changes };
    const asked = outcome.outcome === 'partial' ? { ...command, values: {} } : command;
    const { conflict, opened } = this.#openConflict(asked, outcome);
    return { result: { outcome: 'conflict', conflict }, changes: [...changes, ...opened] };
  }

  /** It is over. Returns what has to be written. */
  removeConflict(id: string): StorageChange {
    this.#options.conflicts.remove(id);
    return { type: 'remove-conflict', conflict: id };
  }

  /** The aggregate is deleted: nobody can decide about what is gone. */
  dropConflicts(): void {
    const { conflicts, context } = this.#options;
    const changes = conflicts.open.map(({ id }) => this.removeConflict(id));
    context.storage?.write(...changes);
  }

  #noteApplied(command: AwaitedCommand, applied: Applied): void {
    const { commands, followed } = this.#options;
    const isShown = isShownBy(followed.confirmed, command, applied);
    commands.noteApplied(command.key, isShown, applied);
    if (!isShown && !command.traceable) followed.readAgain();
  }

  #openConflict(
    { key, command, values }: AwaitedCommand,
    { conflicts: told, token }: Pick<ConflictOutcome, 'conflicts' | 'token'>,
  ): { conflict: OpenConflict<AggregateDefinition>; opened: StorageChange[] } {
    const { context, address, conflicts, followed } = this.#options;
    // The history that tells what was seen is gone: what is stored is read anew, to be sure.
    if (told.length === 0) followed.readAgain();
    const fields = toConflictingFields(told, { values, confirmed: followed.confirmed });
    const seen = command.kind === 'create' ? {} : (command.seen ?? {});
    const { conflict, replaced } = conflicts.add({ key, command, values, seen, fields, token });
    const write = conflicts.writeOf(conflict);
    const put = { ...address, conflict: conflict.id, order: context.nextOrder() };
    return {
      conflict,
      opened: [
        ...replaced.map((id) => this.removeConflict(id)),
        ...(write ? [{ type: 'put-conflict', conflict: { ...put, write } } as const] : []),
      ],
    };
  }
}
