/** Clocks of one client: from `start` up to, not including, `end`. */
export type ClockRange = { readonly start: number; readonly end: number };

/**
 * A set of clocks as sorted ranges that neither overlap nor touch, flat: start, end, start, end … A text that was
 * edited for years has tens of thousands of them, and two numbers take a tenth of an object's memory.
 */
export type ClockRanges = number[];

// Up to this many, inserting one by one moves less than going through the whole list.
const MOST_INSERTED_SINGLY = 8;

export function includesRange(ranges: ClockRanges, { start, end }: ClockRange): boolean {
  const first = findFirstEndingAfter(ranges, start);
  return first < ranges.length && startAt(ranges, first) <= start && end <= endAt(ranges, first);
}

/** Adds ranges in any order, overlapping or not. Gives the sum; the list that it was given is not to be used again. */
export function addRanges(ranges: ClockRanges, added: readonly ClockRange[]): ClockRanges {
  if (added.length > MOST_INSERTED_SINGLY) return mergeRanges(ranges, toRanges(added));
  for (const range of added) insertRange(ranges, range);
  return ranges;
}

/** The same as a list of its ranges. */
export function toClockRanges(ranges: ClockRanges): ClockRange[] {
  return Array.from({ length: ranges.length / 2 }, (_, index) => ({
    start: startAt(ranges, index * 2),
    end: endAt(ranges, index * 2),
  }));
}

function insertRange(ranges: ClockRanges, { start, end }: ClockRange): void {
  const first = findFirstEndingAfter(ranges, start - 1);
  let next = first;
  let from = start;
  let to = end;
  while (next < ranges.length && startAt(ranges, next) <= end) {
    from = Math.min(from, startAt(ranges, next));
    to = Math.max(to, endAt(ranges, next));
    next += 2;
  }
  ranges.splice(first, next - first, from, to);
}

function toRanges(added: readonly ClockRange[]): ClockRanges {
  const ranges: ClockRanges = [];
  const inOrder = added.toSorted((one, other) => one.start - other.start);
  for (const { start, end } of inOrder) pushRange(ranges, start, end);
  return ranges;
}

/** In time of both lists together, whatever they are: many ranges may go into a list of a million. */
function mergeRanges(one: ClockRanges, other: ClockRanges): ClockRanges {
  const merged: ClockRanges = [];
  let first = 0;
  let second = 0;
  while (first < one.length || second < other.length) {
    const takesFirst =
      second >= other.length || (first < one.length && startAt(one, first) <= startAt(other, second));
    if (takesFirst) {
      pushRange(merged, startAt(one, first), endAt(one, first));
      first += 2;
    } else {
      pushRange(merged, startAt(other, second), endAt(other, second));
      second += 2;
    }
  }
  return merged;
}

/** Adds a range that starts where the last one does, or after it. */
function pushRange(ranges: ClockRanges, start: number, end: number): void {
  const last = ranges.length - 2;
  if (last >= 0 && start <= endAt(ranges, last)) ranges[last + 1] = Math.max(end, endAt(ranges, last));
  else ranges.push(start, end);
}

/** Index of the first range that ends after the clock; the list's length where none does. */
function findFirstEndingAfter(ranges: ClockRanges, clock: number): number {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endAt(ranges, middle * 2) > clock) high = middle;
    else low = middle + 1;
  }
  return low * 2;
}

// Both are called with the even index of a range that is there.
const startAt = (ranges: ClockRanges, index: number) => ranges[index] as number;
const endAt = (ranges: ClockRanges, index: number) => ranges[index + 1] as number;
