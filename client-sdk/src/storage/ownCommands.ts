import type { StoredCommand } from './storedRecords.ts';
import type { StorageAccess } from './storageAccess.ts';

/**
 * What this page has asked for while it was not known by whom: before the first welcome, and after somebody else than the
 * storage's owner signed in.
 */
export type OwnCommands = {
  /** The storage, as everything that writes to it is to have it. */
  readonly storage: StorageAccess | undefined;
  readonly createKey: () => string;
  readonly isEmpty: () => boolean;
  /** They are the storage's owner's, as is what is asked from now on. */
  readonly acknowledge: () => void;
  /** They are somebody else's, as is what is asked from now on: the storage is let go. */
  readonly disown: (detail: string) => void;
};

export function trackOwnCommands(storage: StorageAccess | undefined, createKey: () => string): OwnCommands {
  const keys = new Set<string>();
  const kept = new Map<string, StoredCommand>();
  let isAcknowledged = false;
  return {
    storage: storage && {
      ...storage,
      get opened() {
        return storage.opened;
      },
      write: (...changes) => {
        for (const change of changes) {
          if (change.type === 'put-command' && keys.has(change.command.key)) {
            kept.set(change.command.key, change.command);
          }
        }
        storage.write(...changes);
      },
    },
    createKey: () => {
      const key = createKey();
      if (!isAcknowledged) keys.add(key);
      return key;
    },
    isEmpty: () => keys.size === 0,
    acknowledge: () => {
      isAcknowledged = true;
      keys.clear();
      kept.clear();
    },
    disown: (detail) => {
      isAcknowledged = false;
      storage?.opened?.disown([...kept.values()], detail);
      kept.clear();
    },
  };
}
