import { useMemo } from 'react';
import { isEqual } from '../../protocol/isEqual.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import type { SaveState } from '../saveState.ts';
import { derive } from './derive.ts';
import { SAVED } from './neutral.ts';
import { usePeekable } from './usePeekable.ts';
import { useProvided } from './weftContext.ts';

/** A handle, or a text. */
export type Savable = Peekable<{ readonly saveState: SaveState }>;

/**
 * Whether everything of a handle or a text is saved; without an argument, everything of the client. For a handle that is
 * not there yet, `saved`.
 */
export function useSaveState(...[savable, ...none]: [] | [savable: Savable | undefined]): SaveState;
export function useSaveState(...given: [] | [Savable | undefined]): SaveState {
  const { client } = useProvided();
  const isOfClient = given.length === 0;
  const savable = given[0];
  const source = useMemo(() => {
    if (isOfClient) return client.saveState;
    return savable && derive(savable, { read: ({ saveState }) => saveState, isSame: isEqual });
  }, [client, isOfClient, savable]);
  return usePeekable(source, SAVED);
}
