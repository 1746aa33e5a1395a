import { describe } from 'vitest';
import type { ClientStorage } from '../../../client-sdk/src/storage/clientStorage.ts';
import { registerRecordsContract } from './recordsContract.ts';
import { registerTabsContract } from './tabsContract.ts';
import { createTestDevice } from './testDevice.ts';
import { registerTextsContract } from './textsContract.ts';

/**
 * Registers what every client storage has to hold. The factory is called in a test, and answers a storage on an empty
 * device; each time it is opened is another page on that device.
 */
export function registerClientStorageContract(name: string, factory: () => Promise<ClientStorage>): void {
  const createDevice = async () => createTestDevice(await factory());

  describe(`client storage: ${name}`, { timeout: 30_000 }, () => {
    registerRecordsContract(createDevice);
    registerTabsContract(createDevice);
    registerTextsContract(createDevice);
  });
}
