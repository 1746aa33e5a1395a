import { deleteDB } from 'idb';
import { toAddress } from './databaseSchema.ts';
import type { IndexedDbStorageOptions } from './indexedDbStorage.ts';

/**
 * Forgets everything that is kept under a name, such as when a person signs out: what is not saved is lost. Pages that
 * still use it go on in memory. Resolves when it is gone, and rejects where the browser gives no access to it.
 */
export async function deleteIndexedDbStorage({ name }: IndexedDbStorageOptions): Promise<void> {
  const address = toAddress(name);
  const databases = await indexedDB.databases();
  const own = databases
    .map((database) => database.name ?? '')
    .filter((database) => database === address || database.startsWith(`${address}/`));
  await Promise.all(own.map((database) => deleteDB(database)));
}
