import type { AggregateDefinition, TextKind } from '../../protocol/aggregateDefinition.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import type { Applied, CommandOutcome, ConflictOutcome, FieldValues } from '../../protocol/outcome.ts';
import type { ClientContext } from '../clientContext.ts';
import type { Reach } from '../connection/connectionState.ts';
import type { SaveState } from '../saveState.ts';
import type { TextHandle } from '../text/textHandle.ts';
import { TextRegistry, type TextRequest } from '../text/textRegistry.ts';
import { type AggregateAddress, AggregateSubscription } from './aggregateSubscription.ts';
import type { ChangeResult, OpenConflict, SettledResult } from './changeResult.ts';
import { isShownBy } from './commandQueue.ts';
import { type AwaitedCommand, Commands } from './commands.ts';
import {
  applyChange,
  applyState,
  type ChangedMessage,
  type ConfirmedState,
  type StateMessage,
} from './confirmedState.ts';
import { Conflicts, type Resolution } from './conflicts.ts';
import { createForesee, type Foresee } from './foresee.ts';
import type { HandleState } from './handleState.ts';
import { toOverlay } from './overlay.ts';
import {
  prepareChange,
  prepareCreate,
  type PreparedCommand,
  prepareDelete,
  toWriterView,
} from './prepareCommand.ts';
import { type Invocation, prepareInvoke } from './prepareInvoke.ts';
import { prepareResolution } from './prepareResolution.ts';
import { refuseUnseen } from './refuseUnseen.ts';
import { toConflictingFields } from './toConflictingFields.ts';
import { toHandleState } from './toHandleState.ts';

type State = HandleState<AggregateDefinition>;
type Result = ChangeResult<AggregateDefinition, FieldValues, unknown>;
type Conflict = OpenConflict<AggregateDefinition>;

export type AggregateCoreOptions = {
  readonly definition: AggregateDefinition;
  readonly id: string;
  readonly context: ClientContext;
  /** Nobody holds it any more and nothing waits: it may be disposed. */
  readonly onIdle: () => void;
};

/**
 * What a client knows of one aggregate and wants of it. It outlives its handle until every command is answered, so
 * that closing a page's view of an aggregate loses no change. The confirmed state moves by what the subscription says
 * and by nothing else; tokens cannot be ordered, but the messages of one session are.
 */
export class AggregateCore {
  readonly #options: AggregateCoreOptions;
  readonly #address: AggregateAddress;
  readonly #subscription: AggregateSubscription;
  readonly #commands: Commands;
  readonly #conflicts = new Conflicts((resolution) => this.#resolve(resolution));
  readonly #texts: TextRegistry;
  readonly #foresee: Foresee;
  #confirmed: ConfirmedState = { status: 'loading' };
  #state: State;
  #observer: (() => void) | undefined;

  constructor(options: AggregateCoreOptions) {
    this.#options = options;
    const { context, definition, id } = options;
    this.#address = { aggregate: definition.name, id };
    this.#subscription = new AggregateSubscription(context.connection, this.#address, () => this.#token);
    this.#commands = new Commands(context, this.#address, () => this.#subscription.isLive);
    this.#foresee = createForesee(definition, id, context);
    this.#texts = new TextRegistry({
      address: this.#address,
      context,
      mayOpen: () => this.#confirmed.status === 'existing',
      onChange: () => this.#noteTextChange(),
    });
    this.#state = this.#toState(undefined);
    if (context.connection.reach === 'online') this.#subscription.ask();
  }

  get state(): State {
    return this.#state;
  }

  /** Whether the server has said what there is. */
  get isReady(): boolean {
    return this.#confirmed.status !== 'loading';
  }

  /** Takes one observer, who holds the aggregate until `release`. */
  hold(observer: () => void): void {
    this.#observer = observer;
  }

  /** Ends as soon as all commands are answered and all texts are saved. */
  release(): void {
    this.#observer = undefined;
    this.#texts.closeAll();
    this.#checkIdle();
  }

  create(fields: FieldValues): Promise<Result> {
    return this.#submit(prepareCreate(this.#options.definition, fields));
  }

  change(patch: FieldValues, seen: State = this.#state): Promise<Result> {
    const { definition } = this.#options;
    return this.#submit(refuseUnseen(seen) ?? prepareChange(definition, patch, toWriterView(seen)));
  }

  delete(seen: State = this.#state): Promise<Result> {
    const { definition } = this.#options;
    return this.#submit(refuseUnseen(seen) ?? prepareDelete(definition, toWriterView(seen)));
  }

  /** @throws TypeError where there is no such command, or its input is not JSON. */
  run(invocation: Invocation, seen: State = this.#state): Promise<Result> {
    const view = toWriterView(seen);
    const { fields: shown } = toWriterView(this.#state);
    const options = { view, shown, foresee: this.#foresee };
    return this.#submit(refuseUnseen(seen) ?? prepareInvoke(this.#options.definition, invocation, options));
  }

  /** The same text until it is closed. */
  text(request: TextRequest): TextHandle<TextKind> {
    return this.#texts.open(request);
  }

  onReach(reach: Reach): void {
    if (reach === 'online') {
      this.#subscription.ask();
      this.#commands.flush();
    } else {
      this.#subscription.lose();
      this.#commands.lose(reach === 'down');
    }
    this.#texts.onReach(reach);
    this.#commit();
  }

  receiveState(message: StateMessage): void {
    const next = applyState(this.#confirmed, message);
    if (!next) return this.#reportNonsense(`'unchanged' since a token that was not sent`);
    this.#confirmed = next;
    this.#commands.noteState(this.#subscription.receiveState());
    this.#confirmedMoved();
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
    this.#commands.noteShown({ key: message.key, token: message.token });
    this.#confirmedMoved();
  }

  /** Whether the command is one of this aggregate's, and waits for its outcome. */
  receiveOutcome(key: string, outcome: CommandOutcome): boolean {
    const command = this.#commands.findSent(key);
    if (!command) return false;
    const result = this.#settle(command, outcome);
    this.#commands.flush();
    this.#commit();
    command.answer.settle(result);
    this.#checkIdle();
    return true;
  }

  /** Idempotent. Ends everything at once; commands that are not answered are rejected as `closed`. */
  dispose(): void {
    this.#observer = undefined;
    this.#texts.dispose();
    this.#subscription.end();
    this.#commands.close();
  }

  #submit(prepared: PreparedCommand, resolves?: Conflict): Promise<Result> {
    const added = prepared.outcome === 'rejected' ? prepared : this.#commands.add(prepared, resolves);
    if ('outcome' in added) return Promise.resolve(added);
    if (resolves) this.#conflicts.remove(resolves);
    this.#commands.flush();
    this.#commit();
    return added.answer.result;
  }

  #settle(command: AwaitedCommand, outcome: CommandOutcome): SettledResult<AggregateDefinition> {
    switch (outcome.outcome) {
      case 'accepted':
      case 'merged':
        this.#noteApplied(command, outcome);
        return outcome;
      case 'partial':
        this.#noteApplied(command, outcome);
        return { outcome: 'conflict', conflict: this.#openConflict({ ...command, values: {} }, outcome) };
      case 'conflict':
        this.#commands.remove(command.key);
        return { outcome: 'conflict', conflict: this.#openConflict(command, outcome) };
      case 'rejected':
        this.#commands.remove(command.key);
        if (command.resolves) this.#conflicts.reopen(command.resolves);
        return outcome;
    }
  }

  #noteApplied(command: AwaitedCommand, applied: Applied): void {
    const isShown = isShownBy(this.#confirmed, command, applied);
    this.#commands.noteApplied(command.key, isShown, applied);
    if (!isShown && !command.traceable) this.#subscription.askAgain();
  }

  #openConflict(
    { key, command, values }: AwaitedCommand,
    { conflicts, token }: Pick<ConflictOutcome, 'conflicts' | 'token'>,
  ): Conflict {
    // The history that tells what was seen is gone: what is stored is read anew, to be sure.
    if (conflicts.length === 0) this.#subscription.askAgain();
    const fields = toConflictingFields(conflicts, { values, confirmed: this.#confirmed });
    const seen = command.kind === 'create' ? {} : (command.seen ?? {});
    return this.#conflicts.add({ key, command, values, seen, fields, token });
  }

  async #resolve(resolution: Resolution): Promise<Result> {
    const { conflict, write, choice } = resolution;
    const shown = this.#state.status === 'existing' ? this.#state.fields : {};
    if (choice !== 'theirs') {
      const options = { shown, foresee: this.#foresee };
      return this.#submit(prepareResolution(this.#options.definition, resolution, options), conflict);
    }
    this.#conflicts.remove(conflict);
    this.#commit();
    return { outcome: 'accepted', changed: [], fields: shown, token: write.token };
  }

  #confirmedMoved(): void {
    this.#texts.reconsider();
    this.#commit();
  }

  #commit(): void {
    const next = this.#toState(this.#state);
    if (isEqual(next, this.#state)) return;
    this.#state = next;
    this.#observer?.();
  }

  #toState(before: State | undefined): State {
    return toHandleState(
      {
        confirmed: this.#confirmed,
        overlay: toOverlay(this.#confirmed, this.#commands.queue),
        common: { conflicts: this.#conflicts.open, saveState: this.#saveState },
      },
      before,
    );
  }

  get #saveState(): SaveState {
    if (this.#options.context.connection.reach !== 'online') return 'offline';
    if (this.#texts.has('saving') || this.#commands.hasUnanswered) return 'saving';
    return this.#texts.has('refused') ? 'refused' : 'saved';
  }

  get #token() {
    return this.#confirmed.status === 'existing' ? this.#confirmed.token : undefined;
  }

  #noteTextChange(): void {
    this.#commit();
    this.#checkIdle();
  }

  #checkIdle(): void {
    const isIdle = !this.#observer && !this.#commands.hasUnanswered && this.#texts.isEmpty;
    if (isIdle) this.#options.onIdle();
  }

  #reportNonsense(detail: string): void {
    const { aggregate, id } = this.#address;
    this.#options.context.report({ kind: 'invalid-message', detail: `${aggregate} ${id}: ${detail}` });
  }
}
