import { isEqual } from '../isEqual.ts';

/**
 * Merges two edits of a list that is used as a set: what either side added is in, what either side removed is out.
 * Members are told apart by value. Keeps the order of `is`, then what `want` added. A merge function for `onConflict`.
 */
export function mergeSet<Member>(
  was: readonly Member[],
  is: readonly Member[],
  want: readonly Member[],
): Member[] {
  const wasIn = toMembership(was);
  const isIn = toMembership(is);
  const isWanted = toMembership(want);
  const kept = is.filter((member) => isWanted(member) || !wasIn(member));
  const added = want.filter((member) => !wasIn(member) && !isIn(member));
  return [...kept, ...added];
}

function toMembership(list: readonly unknown[]): (member: unknown) => boolean {
  // Comparing each with each takes seconds for a list of strings that just fits into a request.
  const members = new Set(list);
  const objects = list.filter((member) => typeof member === 'object');
  return (member) => members.has(member) || objects.some((other) => isEqual(other, member));
}
