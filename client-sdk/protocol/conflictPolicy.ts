/** Decides a value from what the writer saw, what is stored now and what is asked. Pure. */
export type MergeFunction<Value> = (was: Value, is: Value, want: Value) => Value;

/**
 * What happens to a field where `was`, `is` and `want` all differ.
 *
 * - `reject` (the default): the write is answered with a conflict.
 * - `last-writer-wins`: `want` is stored.
 * - `first-writer-wins`: `is` stays.
 * - a merge function: what it returns is stored.
 */
export type ConflictPolicy<Value = unknown> =
  'reject' | 'last-writer-wins' | 'first-writer-wins' | MergeFunction<Value>;
