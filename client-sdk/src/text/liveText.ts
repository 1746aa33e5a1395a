import { Awareness } from 'y-protocols/awareness';
import type { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import { CLOSE_CODES, isPermanentCloseCode } from '../../protocol/closeCodes.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import type { User } from '../../protocol/user.ts';
import type { ClientContext } from '../clientContext.ts';
import type { TextTarget } from '../connection/channels.ts';
import type { ChannelHost } from '../connection/channelSocket.ts';
import type { Reach } from '../connection/connectionState.ts';
import { toBackOffDelay } from '../connection/toBackOffDelay.ts';
import type { SaveState } from '../saveState.ts';
import { createChannelProvider, endChannelProvider } from './createChannelProvider.ts';
import { createOwnUndo } from './createOwnUndo.ts';
import { createRescueCopy, type RescueCopy } from './rescueCopy.ts';
import {
  noteClosed,
  noteEdit,
  noteOpened,
  noteReceived,
  noteSaved,
  noteSent,
  NOTHING_UNSAVED,
  type SavedCounter,
} from './savedCounter.ts';
import type { TextState } from './textHandle.ts';
import { createTextRoot, type TextRoot, toSharedType } from './textRoot.ts';
import { toUserColor } from './toUserColor.ts';

export type LiveTextOptions = {
  readonly target: TextTarget;
  readonly kind: TextKind;
  /** Of what the application loads into the document. Default: the server's. */
  readonly epoch: string | undefined;
  readonly context: ClientContext;
  /** Whether the server is known to have the aggregate. */
  readonly mayOpen: () => boolean;
  /** The text's state changed. */
  readonly onChange: () => void;
  /** Called once, when nobody holds it any more and everything is saved that can be. */
  readonly onEnd: () => void;
};

const NORMAL_CLOSURE = 1000;

/**
 * One text, synchronised by y-websocket's own provider over a channel of the session. The provider reconnects at
 * once, always; its socket is what waits, for the session, for the aggregate and after a failure. Like its aggregate
 * it outlives its handle until it is saved, so that closing a page's view of a text loses no edit.
 */
export class LiveText {
  readonly doc = new Y.Doc();
  readonly root: TextRoot;
  readonly awareness = new Awareness(this.doc);
  readonly undo: Y.UndoManager;
  readonly #options: LiveTextOptions;
  readonly #provider: WebsocketProvider;
  #observer: (() => void) | undefined;
  #isDisposed = false;
  #counter: SavedCounter = NOTHING_UNSAVED;
  #closedBy: { readonly code: number; readonly reason: string } | undefined;
  #openWaiting: (() => void) | undefined;
  #epoch: string | undefined;
  #rescue: RescueCopy | undefined;
  #failures = 0;
  #cancelPause: (() => void) | undefined;
  #introducedAs: User | undefined;
  #state: TextState;

  constructor(options: LiveTextOptions) {
    this.#options = options;
    this.#epoch = options.epoch;
    this.root = createTextRoot(this.doc, options.target.field, options.kind);
    this.undo = createOwnUndo(toSharedType(this.root));
    // Before the provider's own listener, which sends the edit: it must count as unsaved by then.
    this.doc.on('update', (_update: Uint8Array, origin: unknown) => {
      this.#rescue = undefined;
      if (origin !== this.#provider) this.#count(noteEdit(this.#counter));
    });
    this.#provider = this.#createProvider();
    this.#state = this.#toState();
  }

  get state(): TextState {
    return this.#state;
  }

  /** Takes one observer, who holds the text until `release`. */
  hold(observer: () => void): void {
    this.#observer = observer;
    if (this.awareness.getLocalState() === null) this.awareness.setLocalState({});
    this.#introduce();
  }

  /** Takes leave of the others, and ends as soon as everything is saved. Idempotent. */
  release(): void {
    this.#observer = undefined;
    this.#introducedAs = undefined;
    this.#checkEnd();
    if (!this.#isDisposed) this.awareness.setLocalState(null);
  }

  onReach(reach: Reach): void {
    if (reach === 'online') {
      this.#introduce();
    } else {
      this.#failures = 0;
      this.#endPause();
    }
    this.reconsider();
    this.#commit();
  }

  /** What the text waits for may have come. */
  reconsider(): void {
    const open = this.#openWaiting;
    const { context, mayOpen } = this.#options;
    if (!open || this.#cancelPause || context.connection.reach !== 'online' || !mayOpen()) return;
    this.#openWaiting = undefined;
    open();
  }

  /** Ends it at once, saved or not. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    // Tells the others, while there is a channel to tell them on.
    this.awareness.destroy();
    endChannelProvider(this.#provider);
    this.undo.destroy();
    this.doc.destroy();
    this.#endPause();
    this.#options.onEnd();
  }

  #createProvider(): WebsocketProvider {
    const { aggregate, id, field } = this.#options.target;
    const provider = createChannelProvider({
      name: `${aggregate}/${id}/${field}`,
      doc: this.doc,
      awareness: this.awareness,
      host: this.#createHost(),
    });
    provider.on('sync', (isSynced: boolean) => {
      if (isSynced) this.#failures = 0;
      this.#commit();
    });
    provider.on('closed', (info) => {
      this.#closedBy = info;
      if (!this.#observer && this.#counter.isUnsaved) this.#reportLoss(provider.roomname, info.reason);
      this.#commit();
    });
    return provider;
  }

  #createHost(): ChannelHost {
    const { context, target } = this.#options;
    const report = (detail: string) => context.report({ kind: 'invalid-message', detail });
    return {
      whenMayOpen: (callback) => {
        this.#openWaiting = callback;
        this.reconsider();
        return () => {
          this.#openWaiting = undefined;
        };
      },
      openChannel: (handlers) => context.channels.open({ ...target, epoch: this.#epoch }, handlers),
      onOpened: (epoch) => {
        this.#epoch ??= epoch;
        this.#count(noteOpened(this.#counter));
      },
      onClosed: (code) => {
        this.#count(noteClosed(this.#counter));
        this.#pauseAfter(code);
        this.#renewPresence();
      },
      onSending: (kind) => this.#count(noteSent(this.#counter, kind)),
      onReceived: (frame) => {
        if (frame.kind !== 'saved') return this.#count(noteReceived(this.#counter, frame.kind));
        const counter = noteSaved(this.#counter, frame.count);
        if (counter) this.#count(counter);
        else report(`${frame.count} updates saved, which is more than were sent`);
      },
      onNonsense: report,
    };
  }

  /** Says who this is, unless that was said: the application may have written its own since. */
  #introduce(): void {
    const { user } = this.#options.context.connection;
    if (!this.#observer || !user || isEqual(user, this.#introducedAs)) return;
    this.#introducedAs = user;
    this.awareness.setLocalStateField('user', { ...user, ...toUserColor(user.id) });
  }

  /** The others were told that this one left: what it says when it comes back must be newer than that. */
  #renewPresence(): void {
    if (this.#observer) this.awareness.setLocalState(this.awareness.getLocalState());
  }

  /** A channel that the server closed, with a session that goes on, is not asked for again at once. */
  #pauseAfter(code: number): void {
    const { connection, clock, random } = this.#options.context;
    const isPassing = code !== NORMAL_CLOSURE && !isPermanentCloseCode(code);
    if (!isPassing || connection.reach !== 'online') return;
    this.#cancelPause = clock.after(toBackOffDelay(this.#failures++, random()), () => {
      this.#cancelPause = undefined;
      this.reconsider();
    });
  }

  #endPause(): void {
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }

  #count(counter: SavedCounter): void {
    this.#counter = counter;
    this.#commit();
  }

  #commit(): void {
    const next = this.#toState();
    if (isSameState(next, this.#state)) return;
    this.#state = next;
    this.#observer?.();
    this.#options.onChange();
    this.#checkEnd();
  }

  #checkEnd(): void {
    const isDone = !this.#counter.isUnsaved || this.#closedBy !== undefined;
    if (!this.#observer && isDone) this.dispose();
  }

  #toState(): TextState {
    const isOnline = this.#options.context.connection.reach === 'online';
    const common = { saveState: this.#toSaveState(isOnline), epoch: this.#epoch };
    if (this.#closedBy) {
      const rescue = this.#closedBy.code === CLOSE_CODES['other-epoch'] && { rescue: this.#toRescue() };
      return Object.freeze({ status: 'closed', ...this.#closedBy, ...rescue, ...common });
    }
    if (!isOnline) return Object.freeze({ status: 'offline', ...common });
    return Object.freeze({ status: this.#provider.synced ? 'synced' : 'connecting', ...common });
  }

  #toSaveState(isOnline: boolean): SaveState {
    const { isUnsaved } = this.#counter;
    if (this.#closedBy && isUnsaved) return 'refused';
    if (!isOnline) return 'offline';
    return isUnsaved ? 'saving' : 'saved';
  }

  /** Of the document as it is: what a local database still loads into it belongs to it. */
  #toRescue(): RescueCopy {
    const isUnsaved = this.#counter.isUnsaved;
    return (this.#rescue ??= createRescueCopy({
      epoch: this.#epoch,
      isUnsaved,
      doc: this.doc,
      root: this.root,
    }));
  }

  /** The application has closed the text already: nobody would look at its state. */
  #reportLoss(name: string, reason: string): void {
    const detail = `the unsaved edits of ${name} were refused: ${reason}`;
    this.#options.context.report({ kind: 'text-refused', detail, rescue: this.#toRescue() });
  }
}

/** There is one rescue copy of each state of the document. To compare what is in two would encode both. */
function isSameState(one: TextState, other: TextState): boolean {
  return (
    rescueOf(one) === rescueOf(other) &&
    isEqual({ ...one, rescue: undefined }, { ...other, rescue: undefined })
  );
}

function rescueOf(state: TextState): RescueCopy | undefined {
  return state.status === 'closed' ? state.rescue : undefined;
}
