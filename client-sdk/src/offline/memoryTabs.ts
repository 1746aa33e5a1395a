import type { TabLink, TabMessage } from '../storage/tabLink.ts';

export type OpenTabLink = TabLink & {
  /** Ends every subscription and every wait, and tells the others that this page is gone. Idempotent. */
  readonly close: () => void;
};

type Page = { readonly listeners: Set<(message: TabMessage) => void>; readonly waiting: Set<() => void> };

/** Pages of one process. What one tells reaches the others in the next microtask, as a copy, in order. */
export class MemoryTabs {
  readonly #pages = new Map<string, Page>();

  join(tab: string): OpenTabLink & { readonly isGone: () => boolean } {
    const page: Page = { listeners: new Set(), waiting: new Set() };
    const stops = new Set<() => void>();
    this.#pages.set(tab, page);
    return {
      isGone: () => this.#pages.get(tab) !== page,
      post: (message) => this.#post(page, message),
      listen: (listener) => {
        page.listeners.add(listener);
        return () => page.listeners.delete(listener);
      },
      whenGone: (other, callback) => {
        const stop = this.#whenGone(other, () => {
          if (this.#pages.get(tab) === page) callback();
        });
        stops.add(stop);
        return stop;
      },
      close: () => {
        for (const stop of stops) stop();
        this.remove(tab);
      },
    };
  }

  /** A page is gone, or every page is, whether or not it said so. */
  remove(tab?: string): void {
    for (const [name, page] of this.#pages) {
      if (tab !== undefined && tab !== name) continue;
      this.#pages.delete(name);
      page.listeners.clear();
      for (const callback of page.waiting) queueMicrotask(callback);
    }
  }

  #post(from: Page, message: TabMessage): void {
    const pages = [...this.#pages.values()];
    if (!pages.includes(from)) return;
    for (const { listeners } of pages.filter((page) => page !== from)) {
      const copy = structuredClone(message);
      queueMicrotask(() => {
        for (const listener of listeners) listener(copy);
      });
    }
  }

  #whenGone(tab: string, callback: () => void): () => void {
    let isWanted = true;
    const page = this.#pages.get(tab);
    const call = () => {
      if (isWanted) callback();
      isWanted = false;
    };
    if (page) page.waiting.add(call);
    else queueMicrotask(call);
    return () => {
      isWanted = false;
      page?.waiting.delete(call);
    };
  }
}
