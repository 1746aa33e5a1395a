import type { Report } from '../lifecycle/clientReport.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import type { StorageCondition } from '../storage/clientStorage.ts';
import { isRefusal } from './isRefusal.ts';

type Reason = Exclude<Extract<StorageCondition, { kind: 'memory' }>['reason'], 'none' | 'opening'>;

/**
 * Whether the device still keeps what is written; once it does not, it stays so, for the first reason, unless it is another
 * person's.
 */
export type DeviceCondition = Peekable<StorageCondition> & {
  readonly isDurable: () => boolean;
  /** Goes over to memory. Nobody is told: the condition says it. */
  readonly leave: (reason: Reason, detail: string) => void;
  /** Goes over to memory for the reason that the error names, and reports it. */
  readonly fail: (error: unknown) => void;
  /** The same where the device could not be had to begin with: what browsers refuse by design is not reported. */
  readonly failToOpen: (error: unknown) => void;
};

export function createDeviceCondition(report: Report): DeviceCondition {
  const listeners = new Listeners(report);
  let present: StorageCondition = { kind: 'durable' };
  const isDurable = () => present.kind === 'durable';

  function leave(reason: Reason, detail: string): void {
    if (!isDurable() && reason !== 'other-person') return;
    present = { kind: 'memory', reason, detail };
    listeners.emit();
  }

  function leaveBy(error: unknown): void {
    const reason = REASONS[nameOf(error)] ?? 'unavailable';
    leave(reason, `${DETAILS[reason]}: ${toText(error)}`);
  }

  function fail(error: unknown): void {
    if (!isDurable()) return;
    leaveBy(error);
    report({ kind: 'storage-failed', detail: toDetail(present), error });
  }

  return {
    peek: () => present,
    subscribe: (listener) => listeners.add(listener),
    isDurable,
    leave,
    fail,
    failToOpen: (error) => (isRefusal(error) ? leaveBy(error) : fail(error)),
  };
}

const REASONS: Readonly<Record<string, 'full' | 'newer'>> = {
  QuotaExceededError: 'full',
  VersionError: 'newer',
};

const DETAILS = {
  unavailable: 'the browser keeps nothing for this page, as in a private window',
  full: 'there is no room left',
  newer: 'a newer version of this application uses the storage',
} as const;

function toDetail(condition: StorageCondition): string {
  return condition.kind === 'memory' ? condition.detail : '';
}

function toText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
