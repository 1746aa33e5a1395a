import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import { MAX_LISTED_AGGREGATES } from '../../protocol/limits.ts';
import type { ListItem } from './listHandle.ts';
import type { PendingAggregate } from './pendingAggregates.ts';

type Item = ListItem<AggregateDefinition>;

/**
 * A list with what is on its way over it: other values where they are, deletions gone, and what is not in the list yet
 * first, newest of all. `before` is what was shown: what equals it is the same object.
 */
export function layPending(
  items: readonly Item[],
  pending: readonly PendingAggregate[],
  before: readonly Item[],
): readonly Item[] {
  if (pending.length === 0) return items;
  const unlisted = new Map(pending.map((one) => [one.id, one]));
  const listed = items.flatMap((item): readonly Item[] => {
    const found = unlisted.get(item.id);
    unlisted.delete(item.id);
    return found ? lay(item, found) : [item];
  });
  const created = [...unlisted.values()].flatMap((found): readonly Item[] =>
    found.overlay.status === 'existing'
      ? lay({ id: found.id, fields: {}, token: undefined, by: undefined, at: undefined }, found)
      : [],
  );
  const laid = [...created.reverse(), ...listed].slice(0, MAX_LISTED_AGGREGATES);
  return keep(laid, before, new Set(pending.map(({ id }) => id)));
}

function lay(item: Item, { overlay, conflicts }: PendingAggregate): readonly Item[] {
  if (overlay.status === 'deleted') return [];
  const fields = overlay.status === 'existing' ? overlay.fields : item.fields;
  return [{ ...item, fields, ...(conflicts > 0 && { conflicts }) }];
}

/** Only what is pending was made anew. */
function keep(laid: readonly Item[], before: readonly Item[], made: ReadonlySet<string>): readonly Item[] {
  const known = new Map(before.filter(({ id }) => made.has(id)).map((item) => [item.id, item]));
  const kept = laid.map((item) => {
    const same = known.get(item.id);
    return same && isEqual(same, item) ? same : item;
  });
  const isSame = kept.length === before.length && kept.every((item, index) => item === before[index]);
  return isSame ? before : Object.freeze(kept);
}
