import { isEqual } from '../../protocol/isEqual.ts';
import { NOTHING_UNSAVED, type Standing, toSaveState } from '../saveCounts.ts';
import type { RescueCopy } from './rescueCopy.ts';
import type { TextState } from './textHandle.ts';
import type { TextClosure } from './textLink.ts';

export type TextCondition = {
  readonly closedBy: TextClosure | undefined;
  readonly standing: Standing;
  /** Whether what the device has is in the document. */
  readonly isLoaded: boolean;
  readonly isSynced: boolean;
  readonly isUnsaved: boolean;
  /** Whether what is unsaved cannot be saved as things stand. */
  readonly isRefused: boolean;
  readonly epoch: string | undefined;
  readonly rescue: RescueCopy | undefined;
};

export function toTextState(condition: TextCondition): TextState {
  const { closedBy, standing, isUnsaved, isRefused, epoch, rescue } = condition;
  const counts = { ...NOTHING_UNSAVED, [isRefused ? 'refused' : 'pending']: Number(isUnsaved) };
  const common = { saveState: toSaveState(counts, standing), epoch, ...(rescue && { rescue }) };
  return Object.freeze(
    closedBy ? { status: 'closed', ...closedBy, ...common } : { status: toOpenStatus(condition), ...common },
  );
}

function toOpenStatus({ isLoaded, isSynced, standing }: TextCondition): 'connecting' | 'synced' | 'offline' {
  if (isLoaded && standing.reach !== 'online') return 'offline';
  return isSynced ? 'synced' : 'connecting';
}

/** There is one rescue copy of each state of the document. To compare what is in two would encode both. */
export function isSameState(one: TextState, other: TextState): boolean {
  return (
    one.rescue === other.rescue && isEqual({ ...one, rescue: undefined }, { ...other, rescue: undefined })
  );
}
