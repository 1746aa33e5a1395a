import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import type { SaveState } from '../saveState.ts';

/**
 * How a text stands with the server. Immutable.
 *
 * - `connecting`: it is being opened, or waits for its aggregate to exist.
 * - `synced`: everything that the server has is here.
 * - `offline`: the connection is not online; edits are kept in memory and sent when it is.
 * - `closed`: for good, by the application (code 1000) or by the server, whose close code says why.
 */
export type TextState = { readonly saveState: SaveState } & (
  | { readonly status: 'connecting' | 'synced' | 'offline' }
  | { readonly status: 'closed'; readonly code: number; readonly reason: string }
);

/** One text field of one aggregate, ready for any Yjs editor binding. Closed by itself with its aggregate's handle. */
export type TextHandle = AsyncDisposable & {
  /** The text: the root type of `doc` that has the field's name. */
  readonly ytext: Y.Text;
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
