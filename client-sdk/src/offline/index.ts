/**
 * Where a client keeps what must outlive its page.
 *
 * @module @weft/client/offline
 */

export { deleteIndexedDbStorage } from './deleteIndexedDbStorage.ts';
export { type IndexedDbStorageOptions, indexedDbStorage } from './indexedDbStorage.ts';
export { type MemoryStorage, memoryStorage } from './memoryStorage.ts';
