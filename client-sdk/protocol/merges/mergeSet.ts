import { isPlainObject } from '../plainObject.ts';

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

// By a key for each: comparing each with each takes seconds for a list that just fits into a request.
function toMembership(list: readonly unknown[]): (member: unknown) => boolean {
  const keys = new Set(list.map(toKey));
  return (member) => keys.has(toKey(member));
}

/** The same text for values of JSON that are deeply equal. */
function toKey(value: unknown): string {
  return JSON.stringify(value, sortMembers);
}

function sortMembers(_key: string, value: unknown): unknown {
  return isPlainObject(value) ? Object.fromEntries(Object.entries(value).sort(byName)) : value;
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
