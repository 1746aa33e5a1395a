import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import { CLOSE_CODES, isPermanentCloseCode } from '../../protocol/closeCodes.ts';
import type { ClientContext } from '../clientContext.ts';
import type { TextTarget } from '../connection/textTarget.ts';
import type { Reach } from '../connection/connectionState.ts';
import { toStanding } from '../saveCounts.ts';
import { createOwnUndo, type UndoListener } from './createOwnUndo.ts';
import { KeptText } from './keptText.ts';
import { OwnPresence } from './ownPresence.ts';
import { createRescueCopy, type RescueCopy } from './rescueCopy.ts';
import { tellOfLateEdits, tellRefused } from './tellRefused.ts';
import type { TextState } from './textHandle.ts';
import { type TextClosure, TextLink } from './textLink.ts';
import { createTextRoot, type TextRoot, toSharedType } from './textRoot.ts';
import type { TextMessage } from './textTabs.ts';
import { isSameState, toTextState } from './toTextState.ts';

export type LiveTextOptions = {
  readonly target: TextTarget;
  readonly kind: TextKind;
  /** Of what the application loads into the document. Default: that of what is kept, else the server's. */
  readonly epoch: string | undefined;
  readonly context: ClientContext;
  /** An earlier text of this page has done with what is kept. */
  readonly after: Promise<void> | undefined;
  readonly undoListener: UndoListener;
  /** Whether the server is known to have the aggregate. */
  readonly mayOpen: () => boolean;
  /** Whether the server is known not to have it, and nobody here has asked for it: a text of it cannot be saved. */
  readonly isMissing: () => boolean;
  /** The text's state changed. */
  readonly onChange: () => void;
  /** Whether a rescue copy of it is kept that nobody has dismissed. */
  readonly onRescue: (isKept: boolean) => void;
  /** Called once, when nobody holds it any more and everything is saved that can be. */
  readonly onEnd: () => void;
};

/**
 * One text: its document, and what holds that together with the server, with what is kept of it on the device, and with
 * the other pages. Like its aggregate it outlives its handle until it is saved, so that closing a page's view of a text
 * loses no edit.
 */
export class LiveText {
  readonly doc = new Y.Doc();
  readonly root: TextRoot;
  readonly awareness = new Awareness(this.doc);
  readonly undo: Y.UndoManager;
  readonly target: TextTarget;
  readonly #options: LiveTextOptions;
  readonly #presence: OwnPresence;
  readonly #kept: KeptText | undefined;
  readonly #link: TextLink;
  #observer: (() => void) | undefined;
  #isDisposed = false;
  #closedBy: TextClosure | undefined;
  #epoch: string | undefined;
  #rescue: RescueCopy | undefined;
  #isDismissed = false;
  #wasUnsaved = false;
  #state: TextState;

  constructor(options: LiveTextOptions) {
    const { target, kind, context, epoch } = options;
    const { connection, storage } = context;
    this.#options = options;
    this.target = target;
    this.#epoch = epoch;
    this.root = createTextRoot(this.doc, target.field, kind);
    this.undo = createOwnUndo(toSharedType(this.root), options.undoListener);
    this.#presence = new OwnPresence(this.awareness, () => connection.user);
    // Before the listeners that send the edit and write it down: it must count as unsaved by then.
    this.doc.on('update', (update: Uint8Array, origin: unknown) => this.#noteUpdate(update, origin));
    this.#kept = storage && this.#createKept(storage);
    this.#link = this.#createLink();
    this.#state = this.#toState();
  }

  get state(): TextState {
    return this.#state;
  }

  /** Whether the server takes no more of it. */
  get isClosed(): boolean {
    return this.#closedBy !== undefined;
  }

  get isUnsaved(): boolean {
    return this.#link.isUnsaved;
  }

  /** Whether there is something unsaved that cannot be saved as things stand. */
  get isRefused(): boolean {
    return this.#link.isUnsaved && (this.isClosed || this.#options.isMissing());
  }

  /** Resolves when what is kept is free for another text. */
  get whenLeft(): Promise<void> | undefined {
    return this.#kept?.whenLeft;
  }

  /** Takes one observer, who holds the text until `release`. */
  hold(observer: () => void): void {
    this.#observer = observer;
    this.#presence.enter();
  }

  /** Takes leave of the others, and ends as soon as everything is saved. Idempotent. */
  release(): void {
    this.#observer = undefined;
    if (this.#closedBy && this.#link.isUnsaved) this.#reportLoss(this.#closedBy.reason);
    this.#checkEnd();
    if (this.#isDisposed) return;
    this.#presence.leave();
    this.#options.onChange();
  }

  /** An earlier page has left something unsaved in what is kept. */
  resume(): void {
    this.#wasUnsaved = true;
    this.#link.noteEdit();
  }

  onReach(reach: Reach): void {
    if (reach === 'online') this.#presence.introduce();
    this.#link.onReach(reach);
    this.#commit();
  }

  /** What the text waits for may have come. */
  reconsider(): void {
    if (this.#isDisposed) return;
    this.#link.reconsider();
    this.#update();
  }

  /** What another page says of this text. */
  receive(message: TextMessage): void {
    if (!this.#closedBy) this.#kept?.receive(message);
  }

  dismissRescue(): void {
    if (this.#closedBy) {
      this.#isDismissed = true;
      this.#link.giveUp();
    }
    this.#kept?.dismissRescue();
    this.#commit();
  }

  /** Ends it at once, saved or not. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    // Tells the others, while there is a channel to tell them on.
    this.awareness.destroy();
    this.#link.close();
    this.#kept?.close();
    this.undo.destroy();
    this.doc.destroy();
    tellOfLateEdits(this.#options.context.report, this);
    this.#options.onEnd();
  }

  #createKept(storage: NonNullable<ClientContext['storage']>): KeptText {
    const { target, kind, after, context } = this.#options;
    return new KeptText({
      storage,
      target,
      kind,
      doc: this.doc,
      after,
      epoch: () => this.#epoch,
      isUnsaved: () => this.#link.isUnsaved,
      onLoaded: ({ epoch, isUnsaved }) => {
        this.#epoch ??= epoch;
        if (isUnsaved) this.resume();
        this.#link.reconsider();
        this.#update();
      },
      onChange: () => this.#update(),
      onRescue: this.#options.onRescue,
      report: context.report,
    });
  }

  #createLink(): TextLink {
    const { target, context, mayOpen } = this.#options;
    return new TextLink({
      target,
      doc: this.doc,
      awareness: this.awareness,
      context,
      epoch: () => this.#epoch,
      mayOpen: () => this.#isLoaded && !this.#closedBy && mayOpen(),
      onOpened: (epoch) => {
        this.#epoch ??= epoch;
        this.#kept?.keepEpoch(epoch);
      },
      onLost: (code) => this.#noteLost(code),
      onClosed: (closure) => this.#noteClosed(closure),
      onChange: () => this.#commit(),
    });
  }

  #noteUpdate(update: Uint8Array, origin: unknown): void {
    this.#rescue = undefined;
    this.#isDismissed = false;
    const source = this.#link.isOrigin(origin) ? 'server' : this.#kept?.toSource(origin);
    if (source === 'server' || source === 'copy') return;
    this.#link.noteEdit();
    if (this.#closedBy) this.#kept?.addToRescue(update);
    else if (source !== 'page' && !this.#link.isSynced) this.#kept?.show(update);
  }

  #noteLost(code: number): void {
    this.#presence.renew();
    const { isSynced, isUnsaved } = this.#link;
    // What was on its way may be lost with the channel.
    if (!this.#isDisposed && isSynced && isUnsaved && !isPermanentCloseCode(code)) this.#kept?.show();
  }

  #noteClosed(closure: TextClosure): void {
    this.#closedBy = closure;
    if (this.#link.isUnsaved || closure.code === CLOSE_CODES['other-epoch']) this.#kept?.leave();
    if (!this.#observer && this.#link.isUnsaved) this.#reportLoss(closure.reason);
    this.#commit();
  }

  #commit(): void {
    this.#noteSaving();
    const next = this.#toState();
    if (isSameState(next, this.#state)) return;
    this.#state = next;
    this.#observer?.();
    this.#options.onChange();
    this.#checkEnd();
  }

  #update(): void {
    this.#commit();
    this.#checkEnd();
  }

  #noteSaving(): void {
    const { isUnsaved } = this.#link;
    if (this.#closedBy || isUnsaved === this.#wasUnsaved) return;
    this.#wasUnsaved = isUnsaved;
    this.#kept?.mark(isUnsaved);
  }

  #checkEnd(): void {
    if (this.#observer) return;
    // Whoever holds a text may yet create what it is a text of; nobody else waits for that.
    if (!this.isClosed && this.#isLoaded && this.isRefused) return this.#noteClosed(NOT_THERE);
    const isDone = !this.#link.isUnsaved || this.isClosed;
    if (isDone && (this.#kept?.isSettled ?? true)) this.dispose();
  }

  #toState(): TextState {
    const { isUnsaved, isSynced } = this.#link;
    return toTextState({
      closedBy: this.#closedBy,
      standing: toStanding(this.#options.context.connection),
      isLoaded: this.#isLoaded,
      isSynced,
      isUnsaved,
      isRefused: this.isRefused,
      epoch: this.#epoch,
      rescue: this.#toRescue(),
    });
  }

  #toRescue(): RescueCopy | undefined {
    const kept = this.#kept?.rescue;
    if (kept || !this.#closedBy || this.#isDismissed) return kept;
    const { isUnsaved } = this.#link;
    if (!isUnsaved && this.#closedBy.code !== CLOSE_CODES['other-epoch']) return undefined;
    // Of the document as it is: what a local database still loads into it belongs to it.
    this.#rescue ??= createRescueCopy({ epoch: this.#epoch, isUnsaved, doc: this.doc, root: this.root });
    return this.#rescue;
  }

  get #isLoaded(): boolean {
    return this.#kept?.isLoaded ?? true;
  }

  /** The application has closed the text: nobody would look at its state. */
  #reportLoss(reason: string): void {
    const { target } = this;
    const rescue = this.#toRescue();
    if (rescue)
      tellRefused(this.#options.context.report, { target, rescue, what: `were refused: ${reason}` });
  }
}

/** As a server says of a text that it does not have. */
const NOT_THERE: TextClosure = { code: CLOSE_CODES['not-found'], reason: 'there is no such aggregate' };
