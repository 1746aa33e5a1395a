import type { Awareness } from 'y-protocols/awareness';
import type { WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';
import { isPermanentCloseCode } from '../../protocol/closeCodes.ts';
import type { ClientContext } from '../clientContext.ts';
import type { TextTarget } from '../connection/textTarget.ts';
import type { ChannelHost } from '../connection/channelSocket.ts';
import type { Reach } from '../connection/connectionState.ts';
import { toBackOffDelay } from '../connection/toBackOffDelay.ts';
import { createChannelProvider, endChannelProvider } from './createChannelProvider.ts';
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

/** That the server takes no more of a text, and why. */
export type TextClosure = { readonly code: number; readonly reason: string };

export type TextLinkOptions = {
  readonly target: TextTarget;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly context: ClientContext;
  /** Of what is in the document; undefined where it is of none yet. */
  readonly epoch: () => string | undefined;
  /** Whether a channel may be opened, once there is a session. */
  readonly mayOpen: () => boolean;
  readonly onOpened: (epoch: string) => void;
  /** The channel is gone; until this returns, the link is what it was with it. */
  readonly onLost: (code: number) => void;
  /** For good. */
  readonly onClosed: (closure: TextClosure) => void;
  /** Whether it is synchronised, or what is saved, may have changed. */
  readonly onChange: () => void;
};

const NORMAL_CLOSURE = 1000;

/**
 * A text's way to the server: y-websocket's own provider, over one channel of the session after the other, with what is
 * durable of it. The provider reconnects at once, always; its socket is what waits, for the session, for leave and
 * after a failure.
 */
export class TextLink {
  readonly #options: TextLinkOptions;
  readonly #provider: WebsocketProvider;
  #counter: SavedCounter = NOTHING_UNSAVED;
  #openWaiting: (() => void) | undefined;
  #failures = 0;
  #cancelPause: (() => void) | undefined;

  constructor(options: TextLinkOptions) {
    this.#options = options;
    this.#provider = createChannelProvider({ ...options, host: this.#createHost() });
    this.#provider.on('sync', (isSynced) => {
      if (isSynced) this.#failures = 0;
      options.onChange();
    });
    this.#provider.on('closed', (closure) => options.onClosed(closure));
  }

  get isSynced(): boolean {
    return this.#provider.synced;
  }

  get isUnsaved(): boolean {
    return this.#counter.isUnsaved;
  }

  /** Whether what has this origin came from the server. */
  isOrigin(origin: unknown): boolean {
    return origin === this.#provider;
  }

  noteEdit(): void {
    this.#count(noteEdit(this.#counter));
  }

  /** What was refused need not be saved any more. */
  giveUp(): void {
    this.#count(NOTHING_UNSAVED);
  }

  onReach(reach: Reach): void {
    if (reach !== 'online') {
      this.#failures = 0;
      this.#endPause();
    }
    this.reconsider();
  }

  /** What it waits for may have come. */
  reconsider(): void {
    const open = this.#openWaiting;
    const { context, mayOpen } = this.#options;
    if (!open || this.#cancelPause || context.connection.reach !== 'online' || !mayOpen()) return;
    this.#openWaiting = undefined;
    open();
  }

  /** Ends it, saved or not. */
  close(): void {
    endChannelProvider(this.#provider);
    this.#endPause();
  }

  #createHost(): ChannelHost {
    const { context, target, epoch, onOpened, onLost } = this.#options;
    const report = (detail: string) => context.report({ kind: 'invalid-message', detail });
    return {
      whenMayOpen: (callback) => {
        this.#openWaiting = callback;
        this.reconsider();
        return () => {
          this.#openWaiting = undefined;
        };
      },
      openChannel: (handlers) => context.channels.open({ ...target, epoch: epoch() }, handlers),
      onOpened: (newest) => {
        onOpened(newest);
        this.#count(noteOpened(this.#counter));
      },
      onClosed: (code) => {
        onLost(code);
        this.#count(noteClosed(this.#counter));
        this.#pauseAfter(code);
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
    this.#options.onChange();
  }
}
