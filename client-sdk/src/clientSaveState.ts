import { isEqual } from '../protocol/isEqual.ts';
import type { Connection } from './connection/connection.ts';
import type { Report } from './lifecycle/clientReport.ts';
import { Listeners } from './lifecycle/listeners.ts';
import type { Peekable } from './lifecycle/peekable.ts';
import { type SaveCounts, toSaveState, toStanding } from './saveCounts.ts';
import type { SaveState } from './saveState.ts';

export type ClientSaveState = Peekable<SaveState> & {
  /** Something may have changed. */
  update(): void;
  close(): void;
};

/** Of everything that a client has. */
export function createClientSaveState(
  readCounts: () => SaveCounts,
  { connection, report }: { readonly connection: Connection; readonly report: Report },
): ClientSaveState {
  const listeners = new Listeners(report);
  const read = () => toSaveState(readCounts(), toStanding(connection));
  let state = read();
  return {
    peek: () => state,
    subscribe: (listener) => listeners.add(listener),
    update: () => {
      const next = read();
      if (isEqual(next, state)) return;
      state = next;
      listeners.emit();
    },
    close: () => listeners.clear(),
  };
}
