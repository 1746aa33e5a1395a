/**
 * Merges two changes of a number by adding both: from 10 to 13 by one and to 15 by another is 18. A merge function for
 * `onConflict`.
 *
 * Exact for whole numbers up to 2^53 and rounded beyond, as numbers are; decimals are rounded as well, so count money in
 * its smallest unit. It knows no bounds: the sum may be a value that neither side asked for, and where the field's schema
 * refuses it, infinity included, the write is refused as `invalid-fields`.
 */
export function mergeCounter(was: number, is: number, want: number): number {
  // Rounding could otherwise miss the very value that was asked, where nobody else changed it.
  return is === was ? want : is + (want - was);
}
