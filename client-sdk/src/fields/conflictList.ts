/** What the list looks at of a conflict. */
type Listed = {
  readonly id: string;
  /** The domain command that is in conflict, where it is one. */
  readonly command?: string | undefined;
  readonly fields: readonly { readonly field: PropertyKey }[];
};

/**
 * The conflicts that share a field with this one, in order. None for a domain command, nor is its conflict among them:
 * one of two commands would never be carried out again, were their conflicts made one.
 */
export function findOverlapping<Conflict extends Listed>(
  open: readonly Conflict[],
  { command, fields }: Pick<Listed, 'command' | 'fields'>,
): readonly Conflict[] {
  if (command !== undefined) return [];
  const names = new Set(fields.map(({ field }) => field));
  return open.filter(
    (conflict) => conflict.command === undefined && conflict.fields.some(({ field }) => names.has(field)),
  );
}

/** Newer conflicts over older ones, field by field: the newest `is` and `want`, and what was seen first. */
export function mergeConflictingFields<Field extends { readonly field: PropertyKey; readonly was: unknown }>(
  older: readonly Field[],
  newer: readonly Field[],
): readonly Field[] {
  const merged = new Map(older.map((field) => [field.field, field]));
  for (const field of newer) {
    const first = merged.get(field.field);
    merged.set(field.field, first ? { ...field, was: first.was } : field);
  }
  return [...merged.values()];
}

/** Puts a conflict in the place of those that it overlaps. */
export function putConflict<Conflict extends Listed>(
  open: readonly Conflict[],
  conflict: Conflict,
): readonly Conflict[] {
  const replaced = findOverlapping(open, conflict);
  return [...open.filter((other) => !replaced.includes(other) && other.id !== conflict.id), conflict];
}
