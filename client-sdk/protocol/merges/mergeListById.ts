import { isEqual } from '../isEqual.ts';
import type { PlainObject } from '../plainObject.ts';
import { mergeObject } from './mergeObject.ts';

type Id = string | number;

type MergeList<Key extends string> = <Item extends PlainObject & Readonly<Record<Key, Id>>>(
  was: readonly Item[],
  is: readonly Item[],
  want: readonly Item[],
) => Item[];

/**
 * Makes a merge function for `onConflict` that merges two edits of an ordered list of objects, told apart by the member
 * `key`, a string or a number: `onConflict: { steps: mergeListById('id') }`.
 *
 * - What either side added is in. What either side removed is out, unless the other side changed it.
 * - An item that both sides have is merged as by `mergeObject`.
 * - The order is that of `is`; what only `want` has goes before the item that follows it there. Where `want` moved items
 *   and `is` did not, the order is that of `want`, and what only `is` has is placed in the same way.
 *
 * No id is twice in the merged list: of a list's items with one id, the first counts.
 */
export function mergeListById<const Key extends string>(key: Key): MergeList<Key> {
  return (was, is, want) => {
    const items = { was: toItems(key, was), is: toItems(key, is), want: toItems(key, want) };
    const [leading, others] = onlyWantMoved(items) ? [items.want, items.is] : [items.is, items.want];
    return interleave([...leading.keys()], [...others.keys()]).flatMap((id) => {
      const item = mergeItem(items.was.get(id), items.is.get(id), items.want.get(id));
      return item ? [item] : [];
    });
  };
}

function toItems<Key extends string, Item extends Readonly<Record<Key, Id>>>(
  key: Key,
  list: readonly Item[],
): ReadonlyMap<Id, Item> {
  const items = new Map<Id, Item>();
  for (const item of list) if (!items.has(item[key])) items.set(item[key], item);
  return items;
}

function mergeItem<Item extends PlainObject>(
  was: Item | undefined,
  is: Item | undefined,
  want: Item | undefined,
): Item | undefined {
  if (is && want) return mergeObject<PlainObject>(was ?? {}, is, want) as Item;
  const left = is ?? want;
  return was && isEqual(was, left) ? undefined : left;
}

type Items = ReadonlyMap<Id, unknown>;

/** Of the items that all three have: an item that was added or removed moves no other. */
function onlyWantMoved({ was, is, want }: { was: Items; is: Items; want: Items }): boolean {
  const toOrder = (items: Items) =>
    [...items.keys()].filter((id) => was.has(id) && is.has(id) && want.has(id));
  const before = toOrder(was);
  return isEqual(toOrder(is), before) && !isEqual(toOrder(want), before);
}

/** All ids: the leading ones in their order, and each of the others before the leading one that follows it. */
function interleave(leading: readonly Id[], others: readonly Id[]): Id[] {
  const isLeading = new Set(leading);
  const before = new Map<Id, Id[]>();
  let waiting: Id[] = [];
  for (const id of others) {
    if (isLeading.has(id)) {
      before.set(id, waiting);
      waiting = [];
    } else waiting.push(id);
  }
  return [...leading.flatMap((id) => [...(before.get(id) ?? []), id]), ...waiting];
}
