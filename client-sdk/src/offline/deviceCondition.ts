import type { Report } from '../lifecycle/clientReport.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import type { StorageCondition } from '../storage/clientStorage.ts';

type Reason = 'unavailable' | 'full' | 'newer';

/** Whether the device still keeps what is written; once it does not, it stays so, for the first reason. */
export type DeviceCondition = Peekable<StorageCondition> & {
  readonly isDurable: () => boolean;
  /** Goes over to memory, and reports it. */
  readonly leave: (reason: Reason, error: unknown) => void;
  /** The same, for the reason that the error names. */
  readonly fail: (error: unknown) => void;
};

export function createDeviceCondition(report: Report): DeviceCondition {
  const listeners = new Listeners(report);
  let present: StorageCondition = { kind: 'durable' };
  const isDurable = () => present.kind === 'durable';

  function leave(reason: Reason, error: unknown): void {
    if (!isDurable()) return;
    const detail = `${DETAILS[reason]}: ${toText(error)}`;
    present = { kind: 'memory', reason, detail };
    report({ kind: 'storage-failed', detail, error });
    listeners.emit();
  }

  return {
    peek: () => present,
    subscribe: (listener) => listeners.add(listener),
    isDurable,
    leave,
    fail: (error) => leave(REASONS[nameOf(error)] ?? 'unavailable', error),
  };
}

const REASONS: Readonly<Record<string, Reason>> = { QuotaExceededError: 'full', VersionError: 'newer' };

const DETAILS: Readonly<Record<Reason, string>> = {
  unavailable: 'the browser keeps nothing for this page',
  full: 'there is no room left',
  newer: 'a newer version of this application uses the storage',
};

function toText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
