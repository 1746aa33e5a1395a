import type { ClientContext } from '../clientContext.ts';
import type { Reach } from '../connection/connectionState.ts';
import { LiveList } from './liveList.ts';
import { NOTHING_PENDING, type PendingAggregates } from './pendingAggregates.ts';

/** The lists that a client has open, by the name of their aggregates' type. */
export class ListRegistry {
  readonly #context: ClientContext;
  readonly #pending: PendingAggregates;
  readonly #lists = new Map<string, LiveList>();

  /** `pending` is laid over the lists. */
  constructor(context: ClientContext, pending: PendingAggregates = NOTHING_PENDING) {
    this.#context = context;
    this.#pending = pending;
  }

  /** The same list until it is closed. */
  open(name: string): LiveList {
    const open = this.#lists.get(name);
    if (open) return open;
    const list = new LiveList({
      name,
      context: this.#context,
      pending: this.#pending,
      onClose: () => this.#lists.delete(name),
    });
    this.#lists.set(name, list);
    return list;
  }

  find(name: string): LiveList | undefined {
    return this.#lists.get(name);
  }

  onReach(reach: Reach): void {
    for (const list of this.#lists.values()) list.onReach(reach);
  }

  close(): void {
    for (const list of [...this.#lists.values()]) list.close();
  }
}
