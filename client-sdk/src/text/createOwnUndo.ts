import * as Y from 'yjs';

/** Told of what becomes of the steps of a text, whoever does it: this SDK, or an editor's own keys. */
export type UndoListener = {
  /** Something was done that can be taken back. What follows at once is of the same step. */
  onStep(): void;
  onMoved(direction: 'undo' | 'redo'): void;
  /** There is no step left. */
  onCleared(): void;
};

/** Lets every origin be tracked: editor bindings put their own in, and none of those must be listed here. */
class EveryOrigin extends Set<unknown> {
  override has(): boolean {
    return true;
  }
}

/**
 * Undoes what was done in this document by whatever binding, and nothing that came from elsewhere. Whoever creates it
 * destroys it.
 */
export function createOwnUndo(shared: Y.Text | Y.XmlFragment, listener: UndoListener): Y.UndoManager {
  const undo = new Y.UndoManager(shared, {
    trackedOrigins: new EveryOrigin(),
    // Yjs marks a transaction as local unless it applies an update.
    captureTransaction: (transaction) => transaction.local,
  });
  undo.on('stack-item-added', ({ type }) => {
    if (type === 'undo' && !undo.redoing) listener.onStep();
  });
  undo.on('stack-item-popped', ({ type }) => listener.onMoved(type));
  undo.on('stack-cleared', ({ undoStackCleared }) => {
    if (undoStackCleared) listener.onCleared();
  });
  return undo;
}
