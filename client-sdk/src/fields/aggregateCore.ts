import type { AggregateDefinition, TextKind } from '../../protocol/aggregateDefinition.ts';
import type { CommandOutcome, FieldValues } from '../../protocol/outcome.ts';
import type { ClientContext } from '../clientContext.ts';
import type { Reach } from '../connection/connectionState.ts';
import { isNothing, type SaveCounts } from '../saveCounts.ts';
import type { AddressedMessage } from '../storage/tabLink.ts';
import type { TextHandle } from '../text/textHandle.ts';
import { type LeftText, TextRegistry, type TextRequest } from '../text/textRegistry.ts';
import { AggregatePages, type Legacy } from './aggregatePages.ts';
import type { AggregateAddress } from './aggregateSubscription.ts';
import { type Author, createAuthor } from './author.ts';
import type { ChangeResult } from './changeResult.ts';
import type { QueuedCommand } from './commandQueue.ts';
import { type AwaitedCommand, type CommandOrigin, Commands } from './commands.ts';
import { Conflicts } from './conflicts.ts';
import { Display } from './display.ts';
import { FollowedState } from './followedState.ts';
import type { HandleState } from './handleState.ts';
import type { Overlay } from './overlay.ts';
import type { PreparedCommand } from './prepareCommand.ts';
import { Settler } from './settler.ts';

type State = HandleState<AggregateDefinition>;
type Result = ChangeResult<AggregateDefinition, FieldValues, unknown>;

export type AggregateCoreOptions = {
  readonly definition: AggregateDefinition;
  readonly id: string;
  readonly context: ClientContext;
  /** What it shows, or what is not saved of it, has changed. */
  readonly onChange: () => void;
  /** Pages that have commands of it to send: they are to be watched. */
  readonly onPages: (tabs: readonly string[]) => void;
  /** Nobody holds it any more and nothing waits: it may be disposed. */
  readonly onIdle: () => void;
};

/**
 * What a client knows of one aggregate and wants of it. It outlives its handle until every command is answered and every
 * conflict decided, so that closing a page's view of an aggregate loses no change.
 */
export class AggregateCore {
  readonly #options: AggregateCoreOptions;
  readonly #address: AggregateAddress;
  readonly #followed: FollowedState;
  readonly #commands: Commands;
  readonly #conflicts = new Conflicts((resolution) => this.#author.resolutions.resolve(resolution));
  readonly #settler: Settler;
  readonly #texts: TextRegistry;
  readonly #author: Author;
  readonly #pages: AggregatePages;
  readonly #display: Display;

  constructor(options: AggregateCoreOptions) {
    this.#options = options;
    const { context, definition, id } = options;
    const address = { aggregate: definition.name, id };
    this.#address = address;
    this.#followed = new FollowedState({
      context,
      address,
      commands: () => this.#commands,
      isWanted: () =>
        this.#display.observer !== undefined || !this.#texts.isEmpty || this.#conflicts.open.length > 0,
      onChange: () => this.#noteFollowed(),
    });
    this.#commands = new Commands({
      context,
      address,
      isLive: () => this.#followed.isLive,
      pages: () => this.#pages,
      onOutcome: (key, outcome) => this.#receiveOutcome(key, outcome),
    });
    this.#settler = new Settler({
      context,
      address,
      commands: this.#commands,
      conflicts: this.#conflicts,
      followed: this.#followed,
    });
    this.#texts = new TextRegistry({
      address,
      context,
      // The server says of a deleted one that there is no text: nobody waits for ever.
      mayOpen: () => ['existing', 'deleted'].includes(this.#followed.confirmed.status),
      isMissing: () => this.#pages.isLoaded && this.#followed.isMissing,
      onChange: () => this.#commitAndCheck(),
      onUndoStep: (field) => this.#author.actions.noteText(field),
      onUndoMoved: (field, direction) => this.#author.actions.moveText(field, direction),
      onUndoCleared: (field) => this.#author.actions.dropText(field),
    });
    this.#display = new Display({
      context,
      commands: this.#commands,
      followed: this.#followed,
      conflicts: this.#conflicts,
      author: () => this.#author,
      saveCounts: () => this.saveCounts,
    });
    this.#author = createAuthor({
      definition,
      id,
      context,
      conflicts: this.#conflicts,
      texts: this.#texts,
      state: () => this.#display.state,
      submit: (prepared, origin) => this.#submit(prepared, origin),
      unanswered: () => this.#commands.unanswered,
      giveUp: (keys) => this.#giveUp(keys),
      onChange: () => this.commit(),
    });
    this.#pages = new AggregatePages({
      context,
      address,
      commands: this.#commands,
      conflicts: this.#conflicts,
      onState: (kept) => this.#followed.takeKept(kept),
      onPages: options.onPages,
      onLoaded: () => this.#noteLoaded(),
      onAnswer: (command, outcome) => this.#settle(command, outcome),
    });
  }

  get state(): State {
    return this.#display.state;
  }

  /** Whether there is something to show: the server has said what there is, or the device knew. */
  get isReady(): boolean {
    return this.#followed.confirmed.status !== 'loading';
  }

  /** Commands that are on their way, or not shown by the server's state yet; the same array until that changes. */
  get queue(): readonly QueuedCommand[] {
    return this.#commands.queue;
  }

  /** What is shown. */
  get overlay(): Overlay {
    return this.#display.overlay;
  }

  /** Resolves when what the device has is in its place. */
  get whenLoaded(): Promise<void> {
    return this.#pages.whenLoaded;
  }

  get saveCounts(): SaveCounts {
    return {
      pending: this.#commands.countUnanswered() + this.#texts.pending,
      conflicts: this.#conflicts.open.length,
      refused: this.#texts.isRefused ? 1 : 0,
    };
  }

  /** Where what the server says of the aggregate goes. */
  get followed(): FollowedState {
    return this.#followed;
  }

  /** Who writes here. */
  get author(): Author {
    return this.#author;
  }

  /** Takes one observer, who holds the aggregate until `release`. */
  hold(observer: () => void): void {
    this.#display.observer = observer;
    this.#followed.follow();
  }

  /** Ends as soon as nothing waits any more. */
  release(): void {
    this.#display.observer = undefined;
    this.#texts.closeAll();
    this.#checkIdle();
  }

  /** The same text until it is closed. */
  text(request: TextRequest): TextHandle<TextKind> {
    const text = this.#texts.open(request);
    this.#followed.follow();
    return text;
  }

  /** Goes on with what an earlier page has left of a text. */
  resumeText(left: LeftText): void {
    this.#texts.resume(left);
    this.#followed.follow();
  }

  onReach(reach: Reach): void {
    if (reach === 'online') {
      this.#followed.follow();
      this.#commands.flush();
    } else {
      this.#followed.lose();
      this.#commands.lose(reach === 'down');
    }
    this.#texts.onReach(reach);
    this.commit();
  }

  /** What another page says of this aggregate. */
  receiveFromTab(message: AddressedMessage): void {
    if ('target' in message) return this.#texts.receive(message);
    this.#pages.receive(message);
    this.#commands.flush();
    this.#commitAndCheck();
  }

  /** Goes on where another page ended. */
  adopt(gone: string, legacy: Legacy): Promise<void> {
    return this.#pages.adopt(gone, legacy);
  }

  /** Idempotent. Ends everything at once; commands that are not answered are rejected as `closed`. */
  dispose(): void {
    this.#pages.end();
    this.#display.end();
    this.#display.observer = undefined;
    this.#texts.dispose();
    this.#followed.end();
    this.#commands.close();
  }

  #noteLoaded(): void {
    this.#commands.flush();
    this.#noteFollowed();
    this.#author.resolutions.decideByDefault();
    this.#checkIdle();
  }

  #submit(prepared: PreparedCommand, origin: CommandOrigin = {}): Promise<Result> {
    const added = prepared.outcome === 'rejected' ? prepared : this.#commands.add(prepared, origin);
    if ('outcome' in added) return Promise.resolve(added);
    if (origin.resolves !== undefined) this.#conflicts.decide(origin.resolves);
    if (origin.isUndoable) this.#author.actions.noteCommand(added);
    this.#commands.flush();
    this.commit();
    return added.answer.result;
  }

  /** Whoever brings the answer lets the next command go. */
  #settle(command: AwaitedCommand, outcome: CommandOutcome) {
    this.#pages.noteAnswered(command.key);
    const settled = this.#settler.settle(command, outcome);
    if (settled.result.outcome === 'conflict' || settled.result.outcome === 'rejected') {
      this.#author.actions.dropCommand(command.key);
    }
    this.#followed.takeAnswer(command.command, outcome);
    this.commit();
    return settled;
  }

  /** The answer to a command that was sent. */
  #receiveOutcome(key: string, outcome: CommandOutcome): void {
    const command = this.#commands.find(key, 'sent');
    if (!command) return;
    const { result, changes, late } = this.#settle(command, outcome);
    void this.#pages.write(changes, { type: 'answered', address: this.#address, key, outcome });
    if (late) this.#options.context.tellLate(late);
    this.#author.resolutions.answer(command, result);
    this.#checkIdle();
  }

  #giveUp(keys: readonly string[]): void {
    if (keys.length === 0) return;
    const changes = this.#settler.removeConflicts(keys);
    void this.#pages.write(changes, { type: 'conflict-closed', address: this.#address, keys });
    this.#commitAndCheck();
  }

  #noteFollowed(): void {
    // Nobody can decide about what is gone.
    if (this.#followed.confirmed.status === 'deleted') this.#giveUp(this.#conflicts.openKeys);
    this.#conflicts.refresh(this.#followed.stored);
    this.commit();
  }

  /** Shows what has changed. */
  commit(): void {
    this.#texts.reconsider();
    this.#display.commit();
    this.#options.onChange();
  }

  #commitAndCheck(): void {
    this.commit();
    this.#checkIdle();
  }

  #checkIdle(): void {
    const isHeld = this.#display.observer !== undefined || !this.#texts.isEmpty;
    if (!isHeld && isNothing(this.saveCounts) && this.#pages.isLoaded) this.#options.onIdle();
  }
}
