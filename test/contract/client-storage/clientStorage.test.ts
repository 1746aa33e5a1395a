import 'fake-indexeddb/auto';
import { randomUUID } from 'node:crypto';
import { indexedDbStorage } from '../../../client-sdk/src/offline/indexedDbStorage.ts';
import { memoryStorage } from '../../../client-sdk/src/offline/memoryStorage.ts';
import { registerClientStorageContract } from './clientStorageContract.ts';

registerClientStorageContract('in memory', async () => memoryStorage());

registerClientStorageContract('IndexedDB', async () => indexedDbStorage({ name: randomUUID() }));
