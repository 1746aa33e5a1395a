import type { Up } from '../../protocol/messages/up.ts';
import type { Applied, CommandOutcome } from '../../protocol/outcome.ts';
import type { Rejection } from '../../protocol/rejection.ts';
import type { ClientContext } from '../clientContext.ts';
import type { StorageChange, StoredCommand } from '../storage/storedRecords.ts';
import type { TabMessage } from '../storage/tabLink.ts';
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
  readonly pages: () => Pages;
  readonly onOutcome: (key: string, outcome: CommandOutcome) => void;
};

type Pages = {
  /** Whether the commands that other pages, and earlier ones, left behind are in the queue. */
  readonly isLoaded: boolean;
  /** Writes, and tells the other pages when it is written. */
  write(changes: readonly StorageChange[], message: Extract<TabMessage, { type: 'asked' }>): Promise<void>;
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
  #rewriting = 0;
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
    const { context, address, pages } = this.#options;
    const key = context.createKey();
    const unsendable = findUnsendable(this.#toMessage({ key, command }));
    if (unsendable) return unsendable;
    const tab = context.storage?.tab ?? '';
    const stored = { ...address, key, order: context.nextOrder(), tab, command, values, resolves };
    const added = { ...toEntry(stored), automatic, stage: 'queued', traceable: true } as const;
    this.#queue = [...this.#queue, added];
    if (pages().isLoaded) this.#tell(stored);
    else {
      this.#keep(stored);
      this.#unannounced.add(key);
    }
    if (context.connection.reach === 'down') added.answer.postpone();
    return added;
  }

  /**
   * Takes commands of earlier pages and of other ones, each once, and puts all in the order that every page has them in:
   * were it another one in each page, two could wait for each other. A page that is gone has left its own to this one, or
   * to another.
   */
  restore(stored: readonly StoredCommand[]): void {
    const { context } = this.#options;
    const told = new Map(stored.map((command) => [command.key, command]));
    for (const { order } of stored) context.noteOrder(order);
    const known = this.#queue.map((entry) => {
      const command = told.get(entry.key);
      told.delete(entry.key);
      if (!command || entry.stage !== 'elsewhere') return entry;
      // A page that has just found the place of a command moves it behind.
      const order = Math.max(command.order, entry.order);
      // As it is on the device, it may have been sent.
      return { ...entry, order, command: command.command, ...this.#toSender(command) };
    });
    const restored = [...told.values()].map((command): AwaitedCommand => ({
      ...toEntry(command),
      ...this.#toSender(command),
      isLate: true,
    }));
    this.#queue = [...known, ...restored].toSorted(byOrder);
  }

  /** What earlier pages have left is in the queue: what was asked for meanwhile goes behind it, and others hear of it. */
  announce(): void {
    const { context } = this.#options;
    this.#queue = this.#queue.map((entry) => {
      if (!this.#unannounced.has(entry.key)) return entry;
      const placed = { ...entry, order: context.nextOrder() };
      this.#tell(this.#toStored(placed));
      return placed;
    });
    this.#queue = this.#queue.toSorted(byOrder);
    this.#unannounced.clear();
  }

  /** Those that a page is to send. */
  of(tab: string): readonly AwaitedCommand[] {
    return this.#queue.filter((entry) => entry.stage === 'elsewhere' && entry.tab === tab);
  }

  /** Sends what may be sent now, or as soon as others let it. */
  flush(): void {
    this.#options.context.sending.ask(this);
  }

  sendNext(): string | undefined {
    const { context, isLive, pages } = this.#options;
    const { connection } = context;
    const mayBeSent = connection.reach === 'online' && pages().isLoaded && this.#rewriting === 0;
    const next = mayBeSent ? findNext(this.#queue) : undefined;
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
    this.#queue = markApplied(corrected, key, isShown);
    const isOwn = (entry: AwaitedCommand, at: number) => entry !== before[at] && entry.stage === 'queued';
    const own = corrected === before ? [] : corrected.filter(isOwn);
    if (own.length > 0) void this.#rewrite(own);
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

  #keep(command: StoredCommand): void {
    this.#options.context.storage?.write({ type: 'put-command', command });
  }

  /** A key stands for one command, whichever page sends it: none is sent before it is on the device. */
  async #rewrite(corrected: readonly AwaitedCommand[]): Promise<void> {
    const { storage } = this.#options.context;
    if (!storage) return;
    for (const entry of corrected) this.#keep(this.#toStored(entry));
    this.#rewriting++;
    await (await storage.whenOpen).flush();
    this.#rewriting--;
    if (!this.#isClosed) this.flush();
  }

  #tell(command: StoredCommand): void {
    void this.#options.pages().write([{ type: 'put-command', command }], { type: 'asked', command });
  }

  /** Who sends it, and whether that is this page. */
  #toSender({ tab }: StoredCommand): Pick<AwaitedCommand, 'tab' | 'stage'> {
    return { tab, stage: tab === this.#options.context.storage?.tab ? 'queued' : 'elsewhere' };
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
