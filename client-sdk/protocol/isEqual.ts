/**
 * Whether two values of JSON are deeply equal, whatever the order of an object's members. What JSON does not have, such
 * as functions, is equal to itself.
 *
 * The usual libraries also compare what `constructor` leads to, and so tell two equal objects with a member of that name
 * apart.
 */
export function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other) || one === other) return true;
  if (!isComposite(one) || !isComposite(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]));
}

function isComposite(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
