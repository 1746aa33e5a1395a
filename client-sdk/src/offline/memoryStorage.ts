import type { ClientStorage, OpenStorage, StorageOptions } from '../storage/clientStorage.ts';
import { createPageStorage } from './createPageStorage.ts';
import { createDeviceCondition } from './deviceCondition.ts';
import { MemoryTabs } from './memoryTabs.ts';
import { MemoryTexts } from './memoryTexts.ts';
import { RowMap } from './rowMap.ts';

export type MemoryStorage = ClientStorage & {
  /**
   * A page is gone without a word, as in a crash: nothing that it writes from now on is kept, nothing that it tells is
   * heard, and the others hear that it is gone. `tab` is what the page was opened with; without it, every page is gone.
   */
  crash(tab?: string): void;
};

/**
 * A device in memory, for tests: keeps everything for as long as the object lives, and so counts as durable. Each client
 * that is opened on it is a page.
 */
export function memoryStorage(): MemoryStorage {
  const rows = new RowMap({ liesOver: false });
  const hub = new MemoryTabs();
  const texts = new MemoryTexts();

  return {
    open: async ({ tab, report }: StorageOptions): Promise<OpenStorage> => {
      const tabs = hub.join(tab);
      return createPageStorage({
        tab,
        rows,
        device: undefined,
        condition: createDeviceCondition(report),
        report,
        tabs,
        texts: { open: (target, doc) => texts.open(target, doc, { isOver: tabs.isGone }) },
        owner: rows.get('owner', 'storage')?.userId,
        isOver: tabs.isGone,
      });
    },
    crash: (tab) => hub.remove(tab),
  };
}
