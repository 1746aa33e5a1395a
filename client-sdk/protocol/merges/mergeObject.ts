import { isEqual } from '../isEqual.ts';
import type { PlainObject } from '../plainObject.ts';

/**
 * Merges two changes of an object member by member, one level deep. A member that one side changed, added or removed is as
 * that side left it. Where both did, `want` stays, and a change stays over a removal. A merge function for `onConflict`.
 *
 * Members that depend on one another may come from different sides; let the schema or `check` refuse what must not be.
 */
export function mergeObject<Value extends PlainObject>(was: Value, is: Value, want: Value): Value {
  const names = new Set([...Object.keys(is), ...Object.keys(want)]);
  const members = [...names].flatMap((name) => {
    const side = chooseSide({ was, is, want }, name);
    return Object.hasOwn(side, name) ? [[name, side[name]] as const] : [];
  });
  // Unlike assignment, fromEntries makes a member of `__proto__` too.
  return Object.fromEntries(members) as Value;
}

type Sides = { readonly was: PlainObject; readonly is: PlainObject; readonly want: PlainObject };

function chooseSide({ was, is, want }: Sides, name: string): PlainObject {
  if (isSame(was, want, name)) return is;
  if (isSame(was, is, name)) return want;
  return Object.hasOwn(want, name) ? want : is;
}

function isSame(one: PlainObject, other: PlainObject, name: string): boolean {
  const isThere = Object.hasOwn(one, name);
  if (isThere !== Object.hasOwn(other, name)) return false;
  return !isThere || isEqual(one[name], other[name]);
}
