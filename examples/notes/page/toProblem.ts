import type { FieldName, Rejected } from './weft.ts';

/** Why something was refused, in words for people; of several reasons the one that is about a given field. */
export function toProblem({ errors = [], detail }: Rejected, field?: FieldName): string {
  const own = errors.find(({ path }) => path === field || path.startsWith(`${field}.`));
  return (own ?? errors[0])?.message ?? detail;
}
