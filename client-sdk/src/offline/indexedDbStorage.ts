import type { ClientStorage } from '../storage/clientStorage.ts';
import { createDeviceTexts } from './deviceTexts.ts';
import { createPageStorage } from './createPageStorage.ts';
import { SCHEMA_VERSION, toAddress } from './databaseSchema.ts';
import { createDeviceCondition } from './deviceCondition.ts';
import { MemoryTexts } from './memoryTexts.ts';
import { openBrowserTabs } from './openBrowserTabs.ts';
import { openIndexedDbDevice } from './openIndexedDbDevice.ts';
import { RowMap } from './rowMap.ts';

export type IndexedDbStorageOptions = {
  /** One per person and server: who signs in as somebody else is given another storage. */
  readonly name: string;
};

/**
 * Keeps everything on the device, for every page of this origin that asks for the same name. Where the browser has no room
 * for it, or takes it away, the client works in memory from then on: its `storage` says why. What goes wrong midway is
 * reported as well; that a browser gives none to begin with, such as in a private window, is not.
 */
export function indexedDbStorage({ name }: IndexedDbStorageOptions): ClientStorage {
  const address = toAddress(name);
  return {
    open: async ({ tab, report }) => {
      const condition = createDeviceCondition(report);
      const memory = new MemoryTexts();
      const [tabs, device] = await Promise.all([
        openBrowserTabs({ tab, name: address, version: SCHEMA_VERSION }),
        openIndexedDbDevice(address, report).catch(condition.failToOpen),
      ]);
      const owner = await device?.get('owner', 'storage');
      return createPageStorage({
        tab,
        rows: new RowMap({ liesOver: device !== undefined }),
        device: device ?? undefined,
        condition,
        report,
        tabs,
        texts: createDeviceTexts({ name: address, condition, report, memory }),
        owner: owner?.userId,
      });
    },
  };
}
