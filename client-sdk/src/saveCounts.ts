import type { Connection } from './connection/connection.ts';
import type { Reach } from './connection/connectionState.ts';
import type { BlockReason, SaveState } from './saveState.ts';

/** What is not saved of something: an aggregate, or everything that a client has. */
export type SaveCounts = {
  /** Commands without an answer, and texts with unsaved edits. */
  readonly pending: number;
  /** Conflicts that wait for a decision. */
  readonly conflicts: number;
  /** Texts with edits that were refused, open or kept apart. */
  readonly refused: number;
};

export const NOTHING_UNSAVED: SaveCounts = { pending: 0, conflicts: 0, refused: 0 };

export function isNothing({ pending, conflicts, refused }: SaveCounts): boolean {
  return pending + conflicts + refused === 0;
}

export function addCounts(one: SaveCounts, other: SaveCounts, times = 1): SaveCounts {
  return {
    pending: one.pending + times * other.pending,
    conflicts: one.conflicts + times * other.conflicts,
    refused: one.refused + times * other.refused,
  };
}

/** `isRefused`: the server will not have this client. */
export type Standing = { readonly reach: Reach; readonly isRefused: boolean };

export function toStanding({ reach, peek }: Pick<Connection, 'reach' | 'peek'>): Standing {
  return { reach, isRefused: peek().state === 'refused' };
}

export function toSaveState(
  { pending, conflicts, refused }: SaveCounts,
  { reach, isRefused }: Standing,
): SaveState {
  const isBlockedBy: Record<BlockReason, boolean> = {
    conflict: conflicts > 0,
    'text-refused': refused > 0,
    'connection-refused': isRefused && pending > 0,
  };
  const reasons = (Object.keys(isBlockedBy) as BlockReason[]).filter((reason) => isBlockedBy[reason]);
  if (reasons.length > 0) return { status: 'blocked', pending, reasons };
  if (reach !== 'online') return { status: 'offline', pending };
  return pending > 0 ? { status: 'saving', pending } : { status: 'saved' };
}
