import type { Report } from '../lifecycle/clientReport.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import type { StorageCondition } from './clientStorage.ts';
import type { StorageAccess } from './storageAccess.ts';

const NONE: StorageCondition = { kind: 'memory', reason: 'none', detail: 'the client was given no storage' };
const OPENING: StorageCondition = {
  kind: 'memory',
  reason: 'opening',
  detail: 'the storage is being opened',
};

/** The condition of a storage, also before it is open and where there is none. */
export function watchCondition(
  storage: StorageAccess | undefined,
  report: Report,
): Peekable<StorageCondition> {
  const listeners = new Listeners(report);
  void storage?.whenOpen.then(({ condition }) => {
    condition.subscribe(() => listeners.emit());
    listeners.emit();
  });
  return {
    peek: () => (storage ? (storage.opened?.condition.peek() ?? OPENING) : NONE),
    subscribe: (listener) => listeners.add(listener),
  };
}
