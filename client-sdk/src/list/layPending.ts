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
  const overlays = new Map(pending.map(({ id, overlay }) => [id, overlay]));
  const listed = items.flatMap((item): readonly Item[] => {
    const overlay = overlays.get(item.id);
    overlays.delete(item.id);
    if (overlay?.status === 'deleted') return [];
    return overlay?.status === 'existing' ? [{ ...item, fields: overlay.fields }] : [item];
  });
  const unlisted = [...overlays].flatMap(([id, overlay]): readonly Item[] =>
    overlay.status === 'existing'
      ? [{ id, fields: overlay.fields, token: undefined, by: undefined, at: undefined }]
      : [],
  );
  const laid = [...unlisted.reverse(), ...listed].slice(0, MAX_LISTED_AGGREGATES);
  return keep(laid, before, new Set(pending.map(({ id }) => id)));
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
