import type { ClientContext } from '../clientContext.ts';
import type { Reach } from '../connection/connectionState.ts';
import { LiveList } from './liveList.ts';

/** The lists that a client has open, by the name of their aggregates' type. */
export class ListRegistry {
  readonly #context: ClientContext;
  readonly #lists = new Map<string, LiveList>();

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** The same list until it is closed. */
  open(name: string): LiveList {
    const open = this.#lists.get(name);
    if (open) return open;
    const list = new LiveList(name, this.#context, () => this.#lists.delete(name));
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
