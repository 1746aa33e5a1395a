import type { Command } from '../../protocol/messages/up.ts';
import type { CommandOutcome } from '../../protocol/outcome.ts';
import type { User } from '../../protocol/user.ts';
import type { ClientContext } from '../clientContext.ts';
import type { StoredState } from '../storage/storedRecords.ts';
import { type AggregateAddress, AggregateSubscription } from './aggregateSubscription.ts';
import type { Commands } from './commands.ts';
import type { StoredNow } from './conflicts.ts';
import {
  applyAnswer,
  applyChange,
  applyState,
  type ChangedMessage,
  type ConfirmedState,
  type StateMessage,
} from './confirmedState.ts';

export type FollowedStateOptions = {
  readonly context: ClientContext;
  readonly address: AggregateAddress;
  /** Are told what the state shows of them. */
  readonly commands: () => Commands;
  /** Whether there is somebody to follow it for. */
  readonly isWanted: () => boolean;
  readonly onChange: () => void;
};

/**
 * An aggregate as the server has it. It moves by what the subscription says: tokens cannot be ordered, but the messages of one
 * session are. Only where nobody looks, and nothing is subscribed, it moves by the answers to the commands that an earlier
 * page has left behind.
 */
export class FollowedState {
  readonly #options: FollowedStateOptions;
  readonly #subscription: AggregateSubscription;
  #confirmed: ConfirmedState = { status: 'loading' };
  // By whom, and when, fields were changed since the state was read.
  readonly #changes = new Map<string, { readonly by: User; readonly at: string }>();

  constructor(options: FollowedStateOptions) {
    this.#options = options;
    const { context, address } = options;
    this.#subscription = new AggregateSubscription(context.connection, address, () =>
      this.#confirmed.status === 'existing' ? this.#confirmed.token : undefined,
    );
  }

  get confirmed(): ConfirmedState {
    return this.#confirmed;
  }

  /** What is stored now; undefined where that is not known, or nothing is. */
  get stored(): StoredNow | undefined {
    const { confirmed } = this;
    return confirmed.status === 'existing' && this.isLive
      ? { fields: confirmed.fields, changes: this.#changes }
      : undefined;
  }

  /** Whether every change is heard of. */
  get isLive(): boolean {
    return this.#subscription.isLive;
  }

  /** Whether the server has no such aggregate now, and nobody has asked for one that this page knows of. */
  get isMissing(): boolean {
    const isAbsent = this.isLive && this.#confirmed.status === 'missing';
    return isAbsent && !this.#options.commands().queue.some(({ command }) => command.kind === 'create');
  }

  /** Follows it from now on, where it is wanted and not followed yet. */
  follow(): void {
    const { context, isWanted } = this.#options;
    const isOnline = context.connection.reach === 'online';
    if (isOnline && isWanted() && !this.#subscription.isAsked) this.#subscription.ask();
  }

  /** The session is gone. */
  lose(): void {
    this.#subscription.lose();
  }

  /** Reads the state once more, as it is after this moment. */
  readAgain(): void {
    this.#subscription.askAgain();
  }

  end(): void {
    this.#subscription.end();
  }

  receiveState(message: StateMessage): void {
    const next = applyState(this.#confirmed, message);
    // Without a token nobody has asked so: it answers an earlier handle, whose question this one has asked anew.
    if (!next && this.#subscription.after === undefined) return;
    if (!next) return this.#reportNonsense(`'unchanged' since a token that was not sent`);
    this.#confirmed = next;
    this.#changes.clear();
    this.#options.commands().noteState(this.#subscription.receiveState());
    this.#keep();
  }

  receiveChanged(message: ChangedMessage): void {
    // What an earlier subscription still says is in the state that has been asked for.
    if (!this.#subscription.isLive) return;
    const next = applyChange(this.#confirmed, message);
    if (!next) {
      this.#reportNonsense(`a change of what is ${this.#confirmed.status}`);
      return this.#subscription.askAgain();
    }
    this.#confirmed = next;
    const { change, by, at } = message;
    const changed = change.kind === 'deleted' ? [] : Object.keys(change.fields);
    for (const field of changed) this.#changes.set(field, { by, at });
    this.#options.commands().noteShown({ key: message.key, token: message.token });
    this.#keep();
  }

  /** What the device knew, where the server has not said more by now. */
  takeKept(kept: StoredState['state'] | undefined): void {
    if (kept && this.#confirmed.status === 'loading') this.#confirmed = kept;
  }

  /** What a command has led to, where nothing is heard of the aggregate otherwise. */
  takeAnswer(command: Command, outcome: CommandOutcome): void {
    if (this.#subscription.isAsked) return;
    this.#options.commands().noteState(true);
    const next = applyAnswer(command, outcome);
    if (!next) return;
    this.#confirmed = next;
    this.#keep();
  }

  #keep(): void {
    const { context, address, onChange } = this.#options;
    const state = this.#confirmed;
    if (state.status !== 'loading') {
      context.storage?.write({ type: 'put-state', state: { ...address, state } });
    }
    onChange();
  }

  #reportNonsense(detail: string): void {
    const { context, address } = this.#options;
    context.report({ kind: 'invalid-message', detail: `${address.aggregate} ${address.id}: ${detail}` });
  }
}
