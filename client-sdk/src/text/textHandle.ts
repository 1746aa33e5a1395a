import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import type { SaveState } from '../saveState.ts';
import type { RescueCopy } from './rescueCopy.ts';
import type { TextRoot } from './textRoot.ts';

/**
 * How a text stands with the server. Immutable.
 *
 * - `connecting`: it is being opened, or waits for its aggregate to exist.
 * - `synced`: everything that the server has is here.
 * - `offline`: the connection is not online; edits are kept in memory and sent when it is.
 * - `closed`: for good, by the application (code 1000) or by the server, whose close code says why. The document can
 *   still be read. Edits that the server did not take are not sent any more: then `saveState` is `refused`.
 *
 * `epoch` stands for the server's text from one erasure or replacement to the next; undefined until the server said it.
 * Where the text was erased or replaced (code 4409) there is a `rescue` copy of what was here.
 */
export type TextState = { readonly saveState: SaveState; readonly epoch: string | undefined } & (
  | { readonly status: 'connecting' | 'synced' | 'offline' }
  | {
      readonly status: 'closed';
      readonly code: number;
      readonly reason: string;
      readonly rescue?: RescueCopy;
    }
);

export type TextOptions = {
  /**
   * The epoch of a copy that the application loads into `doc`, such as from IndexedDB. Where the server's is another,
   * the text is closed with 4409. Default: whichever the server has. Without effect where the text is open already.
   */
  readonly epoch?: string | undefined;
};

/**
 * One text field of one aggregate, ready for any Yjs editor binding: with `ytext`, or `yxml` where it is a
 * `TextHandle<'rich-text'>`. Closed by itself with its aggregate's handle.
 */
export type TextHandle<Kind extends TextKind = 'text'> = TextRoot<Kind> & OfEveryKind;

type OfEveryKind = AsyncDisposable & {
  readonly doc: Y.Doc;
  /** Who else is here. The own state's `user` is `{ id, name, color, colorLight }` of whom the server welcomed. */
  readonly awareness: Awareness;
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
  /** Idempotent. Edits that are not saved yet are still sent; other people see at once that this one left. */
  close(): void;
};
