import { MAX_LISTED_AGGREGATES } from '../../protocol/limits.ts';
import type { Down, ListedAggregate } from '../../protocol/messages/down.ts';

export type ListChange = Extract<Down, { type: 'list-changed' }>['change'];

/** The list after a change: what was put comes first, and the oldest beyond the limit go. */
export function applyListChange(
  items: readonly ListedAggregate[],
  change: ListChange,
): readonly ListedAggregate[] {
  const id = change.kind === 'put' ? change.item.id : change.id;
  const others = items.filter((item) => item.id !== id);
  return change.kind === 'put' ? [change.item, ...others].slice(0, MAX_LISTED_AGGREGATES) : others;
}
