import * as Y from 'yjs';

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
export function createOwnUndo(shared: Y.Text | Y.XmlFragment): Y.UndoManager {
  return new Y.UndoManager(shared, {
    trackedOrigins: new EveryOrigin(),
    // Yjs marks a transaction as local unless it applies an update.
    captureTransaction: (transaction) => transaction.local,
  });
}
