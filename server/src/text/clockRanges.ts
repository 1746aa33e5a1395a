/** Clocks of one client: from `start` up to, not including, `end`. */
export type ClockRange = { readonly start: number; readonly end: number };

/**
 * A set of clocks as sorted ranges that neither overlap nor touch, flat: start, end, start, end … A text that was
 * edited for years has tens of thousands of them, and two numbers take a tenth of an object's memory.
 */
export type ClockRanges = number[];

// Up to this many, inserting one by one moves less than building the list anew.
const MOST_INSERTED_SINGLY = 8;

export function includesRange(ranges: ClockRanges, { start, end }: ClockRange): boolean {
  const first = findFirstEndingAfter(ranges, start);
  return first < ranges.length && startAt(ranges, first) <= start && end <= endAt(ranges, first);
}

/** Adds ranges in any order, overlapping or not, in place. */
export function addRanges(ranges: ClockRanges, added: readonly ClockRange[]): void {
  if (added.length > MOST_INSERTED_SINGLY) rebuild(ranges, added);
  else for (const range of added) insertRange(ranges, range);
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

function rebuild(ranges: ClockRanges, added: readonly ClockRange[]): void {
  const all: ClockRange[] = [...added];
  for (let index = 0; index < ranges.length; index += 2) {
    all.push({ start: startAt(ranges, index), end: endAt(ranges, index) });
  }
  all.sort((one, other) => one.start - other.start);
  ranges.length = 0;
  for (const { start, end } of all) {
    if (ranges.length > 0 && start <= endAt(ranges, ranges.length - 2)) {
      ranges[ranges.length - 1] = Math.max(end, endAt(ranges, ranges.length - 2));
    } else {
      ranges.push(start, end);
    }
  }
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
