import { describe, onTestFinished } from 'vitest';
import type { EventStore } from '../../server/src/event-store/eventStore.ts';
import { registerAppendContract } from './event-store/appendContract.ts';
import { registerCloseContract } from './event-store/closeContract.ts';
import { registerFindEventContract } from './event-store/findEventContract.ts';
import { registerReadAllContract } from './event-store/readAllContract.ts';
import { registerReadStreamContract } from './event-store/readStreamContract.ts';
import { registerRemovalContract } from './event-store/removalContract.ts';
import { registerSubscriptionContract } from './event-store/subscriptionContract.ts';

/**
 * Registers what every event store has to hold. The factory is called in a test and opens an empty store, which the
 * suite closes; what the factory registers to be done when the test is finished is done after that.
 */
export function registerEventStoreContract(name: string, factory: () => Promise<EventStore>): void {
  async function open(): Promise<EventStore> {
    const store = await factory();
    onTestFinished(() => store.close());
    return store;
  }

  // Many of them wait for the disk; the time is for a busy machine.
  describe(`event store: ${name}`, { timeout: 30_000 }, () => {
    registerAppendContract(open);
    registerReadStreamContract(open);
    registerFindEventContract(open);
    registerReadAllContract(open);
    registerSubscriptionContract(open);
    registerRemovalContract(open);
    registerCloseContract(open);
  });
}
