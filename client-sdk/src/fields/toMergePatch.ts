import { isEqual } from '../../protocol/isEqual.ts';
import { isPlainObject, type PlainObject } from '../../protocol/plainObject.ts';

/**
 * The JSON merge patch (RFC 7396) that turns one value into another. A null inside an object cannot be asked for by
 * such a patch: it removes the member.
 */
export function toMergePatch(from: unknown, to: unknown): unknown {
  if (!isPlainObject(from) || !isPlainObject(to)) return to;
  const removed = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
  const changed = Object.keys(to).filter((key) => !isEqual(from[key], to[key]));
  return Object.fromEntries([
    ...removed.map((key) => [key, null]),
    ...changed.map((key) => [key, toMergePatch(from[key], to[key])]),
  ]) as PlainObject;
}
