import type { StorageCondition } from '../storage/clientStorage.ts';
import { DURABLE } from './neutral.ts';
import { usePeekable } from './usePeekable.ts';
import { useProvided } from './weftContext.ts';

/** Whether this device keeps what must outlive the page. */
export function useStorage(): StorageCondition {
  return usePeekable(useProvided().client.storage, DURABLE);
}
