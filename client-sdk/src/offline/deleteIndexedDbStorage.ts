import { deleteDB } from 'idb';
import { toAddress } from './databaseSchema.ts';
import type { IndexedDbStorageOptions } from './indexedDbStorage.ts';
import { isRefusal } from './isRefusal.ts';

/**
 * Forgets everything that is kept under a name, such as when a person signs out: what is not saved is lost. Pages that
 * still use it go on in memory, as `deleted`, until they are left. Resolves when it is gone, also where the browser keeps
 * nothing at all; rejects where something cannot be deleted. Browsers that do not tell their databases keep the copies of
 * texts, which no other name leads to.
 */
export async function deleteIndexedDbStorage({ name }: IndexedDbStorageOptions): Promise<void> {
  if (!(globalThis as Partial<typeof globalThis>).indexedDB) return;
  const address = toAddress(name);
  try {
    // First, so that pages that use it hear of it before their texts are gone.
    await deleteDB(address);
    // Where they are not told there may be a spare one still.
    const databases = (await indexedDB.databases?.()) ?? [{ name: `${address}//2` }];
    const others = databases.map((database) => database.name ?? '');
    await Promise.all(
      others.filter((other) => other.startsWith(`${address}/`)).map((other) => deleteDB(other)),
    );
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}
