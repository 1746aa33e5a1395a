import type { MemoryStorage } from '../offline/memoryStorage.ts';
import type { ClientStorage, OpenStorage } from '../storage/clientStorage.ts';
import type { StorageChange } from '../storage/storedRecords.ts';
import type { TabMessage } from '../storage/tabLink.ts';

export type SlowStorageOptions = {
  readonly device: MemoryStorage;
  /** Resolves at a moment that the test chooses; never again once the page has crashed. */
  readonly later: () => Promise<void>;
  readonly onOpen: (tab: string) => void;
  /** Asked for, and not on the device yet. */
  readonly onWrite: (changes: readonly StorageChange[]) => void;
  readonly onKept: (changes: readonly StorageChange[]) => unknown;
};

/** One page's storage that takes its time, as a browser's does: what is not written yet is gone with the page. */
export function slowStorage({ device, later, onOpen, onWrite, onKept }: SlowStorageOptions): ClientStorage {
  return {
    open: async (options) => {
      onOpen(options.tab);
      await later();
      return slow(await device.open(options));
    },
  };

  function slow(inner: OpenStorage): OpenStorage {
    let unwritten: StorageChange[] = [];
    let writing: Promise<void> | undefined;
    let inbox = Promise.resolve();

    function write(...changes: StorageChange[]): void {
      onWrite(changes);
      unwritten.push(...changes);
      writing ??= commit();
    }

    async function commit(): Promise<void> {
      await later();
      const changes = unwritten;
      unwritten = [];
      writing = undefined;
      inner.write(...changes);
      onKept(changes);
    }

    async function flush(): Promise<void> {
      while (writing) await writing;
    }

    /** Something is read as it is at one moment, and known at a later one. */
    async function read<Value>(ask: () => Promise<Value>): Promise<Value> {
      await flush();
      await later();
      const value = await ask();
      await later();
      return value;
    }

    async function* readPieces<Record>(
      pieces: () => AsyncIterable<readonly Record[]>,
    ): AsyncGenerator<readonly Record[]> {
      await flush();
      for await (const piece of pieces()) {
        await later();
        yield piece;
      }
    }

    function hear(listener: (message: TabMessage) => void, message: TabMessage): void {
      inbox = inbox.then(later).then(() => listener(message));
    }

    return {
      ...inner,
      get owner() {
        return inner.owner;
      },
      tabs: {
        post: (message) => inner.tabs.post(message),
        listen: (listener) => inner.tabs.listen((message) => hear(listener, message)),
        whenGone: (tab, callback) => inner.tabs.whenGone(tab, () => void later().then(callback)),
      },
      write,
      flush,
      readAggregate: (address) => read(() => inner.readAggregate(address)),
      readCommands: () => readPieces(inner.readCommands),
      readConflicts: () => readPieces(inner.readConflicts),
      readOutcomes: () => read(inner.readOutcomes),
      adopt: (tab) => read(() => inner.adopt(tab)),
      close: async () => {
        await flush();
        await inner.close();
      },
    };
  }
}
