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
    const { key, resolves = [] } = command;
    const answered: StorageChange = { type: 'remove-command', key };
    if (outcome.outcome === 'rejected') {
      commands.remove(key);
      conflicts.reopen(resolves);
      return { result: outcome, changes: [answered] };
    }
    const changes = [answered, ...this.removeConflicts(resolves)];
    if (outcome.outcome === 'conflict') commands.remove(key);
    else this.#noteApplied(command, outcome);
    if (outcome.outcome === 'accepted' || outcome.outcome === 'merged') return { result: outcome, changes };
    const asked = outcome.outcome === 'partial' ? { ...command, values: {} } : command;
    const { conflict, change } = this.#openConflict(asked, outcome);
    return { result: { outcome: 'conflict', conflict }, changes: [...changes, change] };
  }

  /** They are over. Returns what has to be written. */
  removeConflicts(keys: readonly string[]): StorageChange[] {
    this.#options.conflicts.remove(keys);
    return keys.map((conflict) => ({ type: 'remove-conflict', conflict }));
  }

  #noteApplied(command: AwaitedCommand, applied: Applied): void {
    const { commands, followed } = this.#options;
    const isShown = isShownBy(followed.confirmed, command, applied);
    commands.noteApplied(command.key, isShown, applied);
    if (!isShown && !command.traceable) followed.readAgain();
  }

  #openConflict(
    { key, order, command, values }: AwaitedCommand,
    { conflicts: told, token }: Pick<ConflictOutcome, 'conflicts' | 'token'>,
  ): { conflict: OpenConflict<AggregateDefinition>; change: StorageChange } {
    const { address, conflicts, followed } = this.#options;
    // The history that tells what was seen is gone: what is stored is read anew, to be sure.
    if (told.length === 0) followed.readAgain();
    const fields = toConflictingFields(told, { values, confirmed: followed.confirmed });
    const seen = command.kind === 'create' ? {} : (command.seen ?? {});
    const write = { key, command, values, seen, fields, token };
    const conflict = conflicts.add(write, order);
    return {
      conflict,
      change: { type: 'put-conflict', conflict: { ...address, conflict: key, order, write } },
    };
  }
}
