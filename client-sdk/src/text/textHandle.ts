import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import type { SaveState } from '../saveState.ts';
import type { Peer } from './peer.ts';
import type { PlainText } from './plainText.ts';
import type { RescueCopy } from './rescueCopy.ts';
import type { TextRoot } from './textRoot.ts';

/**
 * How a text stands with the server. Immutable.
 *
 * - `connecting`: what the device has of it is being loaded, or it is being opened, or it waits for its aggregate to exist.
 *   While the server says that there is none, and no creation is on its way, what is typed cannot be saved: `saveState` is
 *   `blocked` then.
 * - `synced`: everything that the server has is here.
 * - `offline`: the connection is not online. What the device has of the text is here; edits are kept and sent when it is.
 * - `closed`: for good, by the application (code 1000) or by the server, whose close code says why. The document can
 *   still be read. Edits that the server did not take are not sent any more: then `saveState` is `blocked`. What is typed
 *   into a text that the application has closed goes nowhere, which is reported.
 *
 * `epoch` stands for the server's text from one erasure or replacement to the next; undefined until it is known.
 *
 * `rescue` is there where the server closed the text with unsaved edits, or because it was erased or replaced (4409). With a
 * storage, a copy with unsaved edits is kept until `dismissRescue`: it is there again when the text is opened anew, also
 * after a restart.
 */
export type TextState = {
  readonly saveState: SaveState;
  readonly epoch: string | undefined;
  readonly rescue?: RescueCopy;
} & (
  | { readonly status: 'connecting' | 'synced' | 'offline' }
  | { readonly status: 'closed'; readonly code: number; readonly reason: string }
);

export type TextOptions = {
  /**
   * The epoch of a copy that the application loads into `doc`, such as from a database of its own. Where the server's is
   * another, the text is closed with 4409. Default: that of what the client's storage has; else whichever the server has.
   * Without effect where the text is open already.
   */
  readonly epoch?: string | undefined;
};

/**
 * One text field of one aggregate, ready for any Yjs editor binding: with `ytext`, or `yxml` where it is a
 * `TextHandle<'rich-text'>`. Closed by itself with its aggregate's handle.
 */
export type TextHandle<Kind extends TextKind = 'text'> = OfKind[Kind] & OfEveryKind;

type OfKind = { readonly text: TextRoot<'text'> & PlainText; readonly 'rich-text': TextRoot<'rich-text'> };

export type OfEveryKind = AsyncDisposable & {
  readonly doc: Y.Doc;
  /**
   * Who else is here, for editor bindings: users and cursors that make no sense are left out. The own state's `user` is
   * `{ id, name, color, colorLight }` of whom the server welcomed.
   */
  readonly awareness: Awareness;
  /** Who is here, this page first, then by client id. Nobody, once the text is closed by the application. */
  readonly presence: Peekable<readonly Peer[]>;
  /** Undoes own edits only, whichever binding made them. */
  readonly undo: Y.UndoManager;
  /** The same object until something changes. */
  peek(): TextState;
  /** Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
  /**
   * Waits until it is `synced`, or `closed` for good. `signal` ends the wait alone; the promise rejects with its
   * reason, and where the text is closed by the application meanwhile.
   */
  whenSynced(options?: { readonly signal?: AbortSignal | undefined }): Promise<TextState>;
  /**
   * Forgets the rescue copy, which nobody needs any more, here and in the other pages. A copy that is still being loaded is
   * forgotten as well. Without effect once the text is closed by the application.
   */
  dismissRescue(): void;
  /**
   * Idempotent. Edits that are not saved yet are still sent; other people see at once that this one left. Edits that the server
   * refused, or has nothing for, are reported as `text-refused`, unless the rescue copy was dismissed.
   */
  close(): void;
};
