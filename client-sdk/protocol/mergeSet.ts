import { dequal } from 'dequal/lite';

/**
 * Merges two edits of a list that is used as a set: what either side added is in, what either side removed is out.
 * Keeps the order of `is`, then what `want` added. A merge function for `onConflict`.
 */
export function mergeSet<Member>(
  was: readonly Member[],
  is: readonly Member[],
  want: readonly Member[],
): Member[] {
  const has = (list: readonly Member[], member: Member) => list.some((other) => dequal(other, member));
  const kept = is.filter((member) => has(want, member) || !has(was, member));
  const added = want.filter((member) => !has(was, member) && !has(is, member));
  return [...kept, ...added];
}
