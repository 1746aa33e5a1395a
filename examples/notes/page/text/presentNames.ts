import type { NoteBody } from '../weft.ts';
import { nameOfPeer } from './nameOfPeer.ts';

/** Who is in a text, each name once, in order. */
export function presentNames(awareness: NoteBody['awareness']): readonly string[] {
  const others = [...awareness.getStates().values()].map(nameOfPeer);
  return [...new Set(others)].sort((a, b) => a.localeCompare(b));
}
