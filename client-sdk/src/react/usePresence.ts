import type { Peekable } from '../lifecycle/peekable.ts';
import type { Peer } from '../text/peer.ts';
import { NONE } from './neutral.ts';
import { usePeekable } from './usePeekable.ts';

/** Who is in a text, this client first. */
export function usePresence(
  text: { readonly presence: Peekable<readonly Peer[]> } | undefined,
): readonly Peer[] {
  return usePeekable(text?.presence, NONE);
}
