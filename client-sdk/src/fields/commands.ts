import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { Up } from '../../protocol/messages/up.ts';
import type { Applied } from '../../protocol/outcome.ts';
import type { Rejection } from '../../protocol/rejection.ts';
import type { ClientContext } from '../clientContext.ts';
import type { AggregateAddress } from './aggregateSubscription.ts';
import type { OpenConflict } from './changeResult.ts';
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

/** A command with whoever waits for its answer. */
export type AwaitedCommand = QueuedCommand & {
  readonly answer: PendingAnswer;
  /** The conflict that the command resolves, unless it is refused. */
  readonly resolves: OpenConflict<AggregateDefinition> | undefined;
};

type Prepared = Exclude<PreparedCommand, Rejection>;

const CLOSED = {
  outcome: 'rejected',
  code: 'closed',
  detail: 'closed before the command was answered',
} as const;

/** The commands of one aggregate: sends them one after the other, again after a lost connection. */
export class Commands {
  readonly #context: ClientContext;
  readonly #address: AggregateAddress;
  readonly #isLive: () => boolean;
  #queue: readonly AwaitedCommand[] = [];
  #isClosed = false;

  /** `isLive` tells whether the aggregate's subscription has begun. */
  constructor(context: ClientContext, address: AggregateAddress, isLive: () => boolean) {
    this.#context = context;
    this.#address = address;
    this.#isLive = isLive;
  }

  /** In order, with those that the confirmed state does not show yet. */
  get queue(): readonly AwaitedCommand[] {
    return this.#queue;
  }

  get hasUnanswered(): boolean {
    return this.#queue.some(isUnanswered);
  }

  /** What the server would not take as a message, or comes after the end, is rejected. */
  add(
    { command, values }: Prepared,
    resolves?: AwaitedCommand['resolves'],
  ): AwaitedCommand | Rejection | typeof CLOSED {
    if (this.#isClosed) return CLOSED;
    const key = this.#context.createKey();
    const unsendable = findUnsendable(this.#toMessage({ key, command }));
    if (unsendable) return unsendable;
    const answer = createPendingAnswer(key);
    const added: AwaitedCommand = {
      key,
      command,
      values,
      answer,
      resolves,
      stage: 'queued',
      shown: false,
      traceable: true,
    };
    this.#queue = [...this.#queue, added];
    if (this.#context.connection.reach === 'down') answer.postpone();
    return added;
  }

  /** Sends what may be sent now. */
  flush(): void {
    const { connection } = this.#context;
    const next = connection.reach === 'online' ? findNext(this.#queue) : undefined;
    if (!next) return;
    this.#queue = markSent(this.#queue, next.key, this.#isLive());
    connection.send(this.#toMessage(next));
  }

  /** The session is gone. `isDown`: nobody shall wait for the next one. */
  lose(isDown: boolean): void {
    this.#queue = requeueSent(this.#queue);
    if (isDown) for (const { answer } of this.#queue.filter(isUnanswered)) answer.postpone();
  }

  /** The command that waits for this outcome. */
  findSent(key: string): AwaitedCommand | undefined {
    return this.#queue.find((command) => command.key === key && command.stage === 'sent');
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
    const unanswered = this.#queue.filter(isUnanswered);
    this.#queue = [];
    this.#isClosed = true;
    for (const { answer } of unanswered) answer.settle(CLOSED);
  }

  #toMessage({ key, command }: Pick<QueuedCommand, 'key' | 'command'>): Up {
    return { type: 'command', key, ...this.#address, command };
  }
}
