import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ListedAggregate } from '../../protocol/messages/down.ts';
import type { ClientContext } from '../clientContext.ts';
import type { Reach } from '../connection/connectionState.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import { waitUntil } from '../lifecycle/waitUntil.ts';
import { applyListChange, type ListChange } from './applyListChange.ts';
import { layPending } from './layPending.ts';
import type { ListHandle, ListState } from './listHandle.ts';
import { ListKeeper } from './listKeeper.ts';
import type { PendingAggregates } from './pendingAggregates.ts';

type State = ListState<AggregateDefinition>;

const NOTHING: State['items'] = Object.freeze([]);

export type LiveListOptions = {
  /** Of the aggregates' type. */
  readonly name: string;
  readonly context: ClientContext;
  readonly pending: PendingAggregates;
  readonly onClose: () => void;
};

/** One list, kept by the server's messages, with what is on its way over it. */
export class LiveList {
  readonly handle: ListHandle<AggregateDefinition>;
  readonly #options: LiveListOptions;
  readonly #keeper: ListKeeper;
  readonly #listeners: Listeners;
  readonly #stopWatching: () => void;
  readonly #ended = new AbortController();
  #state: State = Object.freeze({ status: 'loading', freshness: 'cached', items: NOTHING });
  #announced = this.#state;
  /** As the server last told it, to this page or an earlier one. */
  #told: readonly ListedAggregate[] | undefined;
  // Changes that come before the answer to the newest question belong to an older one.
  #isLive = false;
  #isChecking = false;

  constructor(options: LiveListOptions) {
    this.#options = options;
    const { name, context, pending } = options;
    this.#keeper = new ListKeeper(name, context);
    this.#listeners = new Listeners(context.report);
    this.handle = this.#createHandle();
    this.#stopWatching = pending.subscribe(() => this.#checkSoon());
    if (context.storage) void this.#readKept();
    this.onReach(context.connection.reach);
  }

  onReach(reach: Reach): void {
    this.#isLive = false;
    const { connection } = this.#options.context;
    if (reach === 'online') connection.send({ type: 'subscribe-list', aggregate: this.#options.name });
    this.#update();
  }

  receiveList(items: readonly ListedAggregate[]): void {
    this.#isLive = true;
    this.#take(items);
  }

  receiveChange(change: ListChange): void {
    if (this.#isLive && this.#told) this.#take(applyListChange(this.#told, change));
  }

  close(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(new Error('the list was closed'));
    this.#stopWatching();
    this.#keeper.close();
    this.#listeners.clear();
    const { name, context, onClose } = this.#options;
    context.connection.send({ type: 'unsubscribe-list', aggregate: name });
    onClose();
  }

  async #readKept(): Promise<void> {
    const kept = await this.#keeper.read();
    if (this.#ended.signal.aborted || this.#told) return;
    this.#told = kept;
    this.#update();
  }

  #take(items: readonly ListedAggregate[]): void {
    this.#told = items;
    this.#keeper.keep(items);
    this.#update();
  }

  /** Once for all that changes at a time, such as when every aggregate loses its connection. */
  #checkSoon(): void {
    if (this.#isChecking) return;
    this.#isChecking = true;
    queueMicrotask(() => {
      this.#isChecking = false;
      if (!this.#ended.signal.aborted) this.#update();
    });
  }

  #update(): void {
    this.#refresh();
    if (this.#state === this.#announced) return;
    this.#announced = this.#state;
    this.#listeners.emit();
  }

  #refresh(): void {
    const { pending, name } = this.#options;
    const before = this.#state;
    const status = this.#told ? 'ready' : 'loading';
    const freshness = this.#isLive ? 'live' : 'cached';
    const items = layPending(this.#told ?? NOTHING, pending.of(name), before.items);
    const isSame = status === before.status && freshness === before.freshness && items === before.items;
    if (!isSame) this.#state = Object.freeze({ status, freshness, items });
  }

  #createHandle(): ListHandle<AggregateDefinition> {
    const subscribe = (listener: () => void) => this.#listeners.add(listener);
    return {
      peek: () => {
        // What is pending has changed in this very task; listeners hear of it when it ends.
        if (this.#isChecking && !this.#ended.signal.aborted) this.#refresh();
        return this.#state;
      },
      subscribe,
      whenReady: ({ signal } = {}) =>
        waitUntil({
          read: () => (this.#state.status === 'ready' ? this.#state : undefined),
          subscribe,
          signals: [signal, this.#ended.signal],
        }),
      close: () => this.close(),
      [Symbol.asyncDispose]: () => {
        this.close();
        return Promise.resolve();
      },
    };
  }
}
