import type { ListedAggregate } from '../../protocol/messages/down.ts';
import type { ClientContext } from '../clientContext.ts';

/** Milliseconds from a change of a list to its writing, and so between two writings. */
export const WRITE_EVERY_MS = 1_000;

/** Keeps one list, as the server tells it, where a client keeps what outlives its page. */
export class ListKeeper {
  readonly #name: string;
  readonly #context: ClientContext;
  #unwritten: { readonly items: readonly ListedAggregate[]; readonly cancel: () => void } | undefined;

  constructor(name: string, context: ClientContext) {
    this.#name = name;
    this.#context = context;
  }

  /** What was kept; undefined where nothing was. */
  async read(): Promise<readonly ListedAggregate[] | undefined> {
    const storage = await this.#context.storage?.whenOpen;
    return (await storage?.readList(this.#name))?.items;
  }

  keep(items: readonly ListedAggregate[]): void {
    const { storage, clock } = this.#context;
    if (!storage) return;
    const cancel = this.#unwritten?.cancel ?? clock.after(WRITE_EVERY_MS, () => this.#write());
    this.#unwritten = { items, cancel };
  }

  /** Writes what is not written yet. Idempotent. */
  close(): void {
    this.#unwritten?.cancel();
    this.#write();
  }

  #write(): void {
    if (!this.#unwritten) return;
    const { items } = this.#unwritten;
    this.#unwritten = undefined;
    this.#context.storage?.write({ type: 'put-list', list: { aggregate: this.#name, items } });
  }
}
