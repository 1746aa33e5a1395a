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
  /** The keys of the writes whose conflict the command resolves, unless it is refused. */
  readonly resolves: readonly string[] | undefined;
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
  // Asked for before it was known what earlier pages have left: their place in the order is not known either.
  readonly #unannounced = new Set<string>();
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
    if (this.#options.isComplete()) context.storage?.post({ type: 'asked', command: stored });
    else this.#unannounced.add(key);
    if (context.connection.reach === 'down') added.answer.postpone();
    return added;
  }

  keep(command: StoredCommand): void {
    this.#options.context.storage?.write({ type: 'put-command', command });
  }

  /**
   * Takes commands of earlier pages and of other ones, each once, and puts all in the order that every page has them in:
   * were it another one in each page, two could wait for each other.
   */
  restore(stored: readonly StoredCommand[]): void {
    const { context } = this.#options;
    const told = new Map(stored.map((command) => [command.key, command]));
    for (const { order } of stored) context.noteOrder(order);
    const known = this.#queue.map((entry) => {
      const order = told.get(entry.key)?.order ?? 0;
      told.delete(entry.key);
      // A page that has just found the place of a command moves it behind.
      return entry.stage === 'elsewhere' && order > entry.order ? { ...entry, order } : entry;
    });
    const restored = [...told.values()].map((command): AwaitedCommand => {
      const stage = command.tab === context.storage?.tab ? 'queued' : 'elsewhere';
      return { ...toEntry(command), stage, isLate: true };
    });
    this.#queue = [...known, ...restored].toSorted(byOrder);
  }

  /** What earlier pages have left is in the queue: what was asked for meanwhile goes behind it, and others hear of it. */
  announce(): void {
    const { context } = this.#options;
    this.#queue = this.#queue.map((entry) => {
      if (!this.#unannounced.has(entry.key)) return entry;
      const placed = { ...entry, order: context.nextOrder() };
      this.keep(this.#toStored(placed));
      context.storage?.post({ type: 'asked', command: this.#toStored(placed) });
      return placed;
    });
    this.#queue = this.#queue.toSorted(byOrder);
    this.#unannounced.clear();
  }

  /** Whether a page that is gone has left some. */
  hasAnyOf(tab: string): boolean {
    return this.#queue.some((entry) => entry.stage === 'elsewhere' && entry.tab === tab);
  }

  /**
   * This page goes on with the commands of one that is gone, but for those that another page took over. `stored` says who
   * sends what by now, also where another page that was to send it is gone as well.
   */
  adopt(gone: string, stored: readonly StoredCommand[]): void {
    const tab = this.#options.context.storage?.tab ?? '';
    const keepers = new Map(stored.map((command) => [command.key, command.tab]));
    this.#queue = this.#queue.map((entry) => {
      // What was never kept, or is answered already, is sent here: the server answers the same again.
      const keeper = keepers.get(entry.key) ?? (entry.tab === gone ? tab : entry.tab);
      if (entry.stage !== 'elsewhere' || keeper === entry.tab) return entry;
      if (keeper !== tab) return { ...entry, tab: keeper };
      if (!keepers.has(entry.key)) this.keep(this.#toStored({ ...entry, tab }));
      return { ...entry, tab, stage: 'queued', traceable: false };
    });
    this.restore(stored);
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
    const before = this.#queue;
    const corrected = correctForeseen(before, key, applied);
    // A key stands for one command, also when the next page sends it.
    for (const [at, entry] of corrected === before ? [] : corrected.entries())
      if (entry.key !== key && entry !== before[at] && entry.stage === 'queued')
        this.keep(this.#toStored(entry));
    this.#queue = markApplied(corrected, key, isShown);
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

function byOrder(a: AwaitedCommand, b: AwaitedCommand): number {
  return a.order - b.order || (a.key < b.key ? -1 : 1);
}
