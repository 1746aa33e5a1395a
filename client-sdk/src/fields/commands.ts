import type { Up } from '../../protocol/messages/up.ts';
import type { Applied, CommandOutcome } from '../../protocol/outcome.ts';
import type { Rejection } from '../../protocol/rejection.ts';
import type { ClientContext } from '../clientContext.ts';
import type { StoredCommand } from '../storage/storedRecords.ts';
import type { AggregateAddress } from './aggregateSubscription.ts';
import {
  dropApplied,
  findNext,
  isUnanswered,
  markApplied,
  markSent,
  markShown,
  markWhole,
  type QueuedCommand,
  remove,
  requeueSent,
  type ShownEvent,
} from './commandQueue.ts';
import { correctForeseen } from './correctForeseen.ts';
import { findUnsendable } from './findUnsendable.ts';
import { createPendingAnswer, type PendingAnswer } from './pendingAnswer.ts';
import type { PreparedCommand } from './prepareCommand.ts';
import type { Sender } from './sendWindow.ts';

/** A command with whoever waits for its answer. */
export type AwaitedCommand = QueuedCommand & {
  readonly order: number;
  /** The page that sends it. */
  readonly tab: string;
  /** The id of the conflict that the command resolves, unless it is refused. */
  readonly resolves: string | undefined;
  /** How often the application's default resolvers have answered a conflict of it. */
  readonly automatic: number;
  readonly answer: PendingAnswer;
  /** Whether the page is gone that asked for it. */
  readonly isLate: boolean;
};

/** Why a command is asked for. */
export type CommandOrigin = Partial<Pick<AwaitedCommand, 'resolves' | 'automatic'>> & {
  /** Whether its author may take it back. */
  readonly isUndoable?: boolean;
};

type Prepared = Exclude<PreparedCommand, Rejection>;

export type CommandsOptions = {
  readonly context: ClientContext;
  readonly address: AggregateAddress;
  /** Whether the aggregate's subscription has begun. */
  readonly isLive: () => boolean;
  /** Whether the commands that other pages, and earlier ones, left behind are in the queue. */
  readonly isComplete: () => boolean;
  readonly onOutcome: (key: string, outcome: CommandOutcome) => void;
};

const CLOSED = {
  outcome: 'rejected',
  code: 'closed',
  detail: 'closed before the command was answered',
} as const;

/** The commands of one aggregate: sends them one after the other, again after a lost connection. */
export class Commands implements Sender {
  readonly #options: CommandsOptions;
  #queue: readonly AwaitedCommand[] = [];
  #isClosed = false;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** In order, with those that the confirmed state does not show yet. */
  get queue(): readonly AwaitedCommand[] {
    return this.#queue;
  }

  get unanswered(): readonly AwaitedCommand[] {
    return this.#queue.filter(isUnanswered);
  }

  countUnanswered(): number {
    let count = 0;
    for (const entry of this.#queue) if (isUnanswered(entry)) count++;
    return count;
  }

  /** What the server would not take as a message, or comes after the end, is rejected. */
  add(
    { command, values }: Prepared,
    { resolves, automatic = 0 }: CommandOrigin = {},
  ): AwaitedCommand | Rejection | typeof CLOSED {
    if (this.#isClosed) return CLOSED;
    const { context, address } = this.#options;
    const key = context.createKey();
    const unsendable = findUnsendable(this.#toMessage({ key, command }));
    if (unsendable) return unsendable;
    const tab = context.storage?.tab ?? '';
    const stored = { ...address, key, order: context.nextOrder(), tab, command, values, resolves };
    const added = { ...toEntry(stored), automatic, stage: 'queued', traceable: true } as const;
    this.#queue = [...this.#queue, added];
    this.keep(stored);
    context.storage?.post({ type: 'asked', command: stored });
    if (context.connection.reach === 'down') added.answer.postpone();
    return added;
  }

  keep(command: StoredCommand): void {
    this.#options.context.storage?.write({ type: 'put-command', command });
  }

  /** Takes commands of earlier pages, which go `before` its own, and of other ones, each once. */
  restore(stored: readonly StoredCommand[], place: 'before' | 'behind'): void {
    const { context } = this.#options;
    const own = context.storage?.tab;
    const known = new Set(this.#queue.map(({ key }) => key));
    const restored = stored
      .filter(({ key }) => !known.has(key))
      .map((command): AwaitedCommand => {
        const stage = command.tab === own ? 'queued' : 'elsewhere';
        return { ...toEntry(command), stage, isLate: true };
      });
    if (restored.length === 0) return;
    context.noteOrder(Math.max(...restored.map(({ order }) => order)));
    this.#queue = place === 'before' ? [...restored, ...this.#queue] : [...this.#queue, ...restored];
  }

  /** Whether a page that is gone has left some. */
  hasAnyOf(tab: string): boolean {
    return this.#queue.some((entry) => entry.stage === 'elsewhere' && entry.tab === tab);
  }

  /** This page goes on with the commands of one that is gone, but for those that another page took over. */
  adopt(gone: string, stored: readonly StoredCommand[]): void {
    const tab = this.#options.context.storage?.tab ?? '';
    const keepers = new Map(stored.map((command) => [command.key, command.tab]));
    this.#queue = this.#queue.map((entry) => {
      if (entry.stage !== 'elsewhere' || entry.tab !== gone) return entry;
      const keeper = keepers.get(entry.key);
      if (keeper !== undefined && keeper !== tab) return { ...entry, tab: keeper };
      // It was never kept, or is answered already: the server answers the same again.
      if (keeper === undefined) this.keep(this.#toStored({ ...entry, tab }));
      return { ...entry, tab, stage: 'queued', traceable: false };
    });
    this.restore(stored, 'behind');
  }

  /** Sends what may be sent now, or as soon as others let it. */
  flush(): void {
    this.#options.context.sending.ask(this);
  }

  sendNext(): string | undefined {
    const { context, isLive, isComplete } = this.#options;
    const { connection } = context;
    const next = connection.reach === 'online' && isComplete() ? findNext(this.#queue) : undefined;
    if (!next) return undefined;
    this.#queue = markSent(this.#queue, next.key, isLive());
    connection.send(this.#toMessage(next));
    return next.key;
  }

  receiveOutcome(key: string, outcome: CommandOutcome): void {
    this.#options.onOutcome(key, outcome);
    // There is room for one more command now, of this aggregate or of another one.
    this.flush();
  }

  /** The session is gone. `isDown`: nobody shall wait for the next one. */
  lose(isDown: boolean): void {
    this.#queue = requeueSent(this.#queue);
    if (isDown) for (const { answer } of this.unanswered) answer.postpone();
  }

  /** The command that waits for this outcome here, or in another page. */
  find(key: string, stage: 'sent' | 'elsewhere'): AwaitedCommand | undefined {
    return this.#queue.find((command) => command.key === key && command.stage === stage);
  }

  noteShown(event: ShownEvent): void {
    this.#queue = markShown(this.#queue, event);
  }

  noteApplied(key: string, isShown: boolean, applied: Applied): void {
    this.#queue = markApplied(correctForeseen(this.#queue, key, applied), key, isShown);
  }

  /** A state has come, in place of single events. `isFresh`: it shows everything that was applied. */
  noteState(isFresh: boolean): void {
    const shown = markWhole(this.#queue);
    this.#queue = isFresh ? dropApplied(shown) : shown;
  }

  remove(key: string): void {
    this.#queue = remove(this.#queue, key);
  }

  /** Rejects what is not answered as `closed`. Idempotent. */
  close(): void {
    const { unanswered } = this;
    this.#queue = [];
    this.#isClosed = true;
    this.#options.context.sending.leave(this);
    for (const { answer } of unanswered) answer.settle(CLOSED);
  }

  #toMessage({ key, command }: Pick<QueuedCommand, 'key' | 'command'>): Up {
    return { type: 'command', key, ...this.#options.address, command };
  }

  #toStored({ key, order, tab, command, values, resolves }: AwaitedCommand): StoredCommand {
    return { ...this.#options.address, key, order, tab, command, values, resolves };
  }
}

function toEntry({ key, order, tab, command, values, resolves }: StoredCommand) {
  return {
    key,
    order,
    tab,
    command,
    values,
    resolves,
    automatic: 0,
    answer: createPendingAnswer(key),
    isLate: false,
    shown: false,
    traceable: false,
  } as const;
}
