import type { Report } from '../lifecycle/clientReport.ts';
import type { ClientStorage, OpenStorage } from './clientStorage.ts';
import type { StorageChange } from './storedRecords.ts';
import type { TabMessage } from './tabLink.ts';

/** A storage that may still be opening: what is written until then is written as soon as it is open, in order. */
export type StorageAccess = {
  /** This page, as the storage knows it. */
  readonly tab: string;
  /** Undefined until it is open. */
  readonly opened: OpenStorage | undefined;
  readonly whenOpen: Promise<OpenStorage>;
  write(...changes: StorageChange[]): void;
  /** Tells the other pages. */
  post(message: TabMessage): void;
  /** Resolves when everything is written. Idempotent. */
  close(): Promise<void>;
};

export function openStorage(storage: ClientStorage, tab: string, report: Report): StorageAccess {
  let opened: OpenStorage | undefined;
  let early: ((open: OpenStorage) => void)[] = [];
  const whenOpen = storage.open({ tab, report }).then((open) => {
    opened = open;
    for (const act of early) act(open);
    early = [];
    return open;
  });

  function act(action: (open: OpenStorage) => void): void {
    if (opened) action(opened);
    else early.push(action);
  }

  return {
    tab,
    get opened() {
      return opened;
    },
    whenOpen,
    write: (...changes) => act((open) => open.write(...changes)),
    post: (message) => act((open) => open.tabs.post(message)),
    close: async () => {
      const open = await whenOpen;
      await open.close();
    },
  };
}
