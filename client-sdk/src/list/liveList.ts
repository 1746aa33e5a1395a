import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { ListedAggregate } from '../../protocol/messages/down.ts';
import type { ClientContext } from '../clientContext.ts';
import type { Reach } from '../connection/connectionState.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import { waitUntil } from '../lifecycle/waitUntil.ts';
import { applyListChange, type ListChange } from './applyListChange.ts';
import type { ListHandle, ListState } from './listHandle.ts';

type State = ListState<AggregateDefinition>;

/** One list, kept by the server's messages. */
export class LiveList {
  readonly handle: ListHandle<AggregateDefinition>;
  readonly #name: string;
  readonly #context: ClientContext;
  readonly #onClose: () => void;
  readonly #listeners: Listeners;
  readonly #ended = new AbortController();
  #state: State = Object.freeze({ status: 'loading', items: [] });
  // Changes that come before the answer to the newest question belong to an older one.
  #isLive = false;

  constructor(name: string, context: ClientContext, onClose: () => void) {
    this.#name = name;
    this.#context = context;
    this.#onClose = onClose;
    this.#listeners = new Listeners(context.report);
    this.handle = this.#createHandle();
    this.onReach(context.connection.reach);
  }

  onReach(reach: Reach): void {
    this.#isLive = false;
    if (reach === 'online') this.#context.connection.send({ type: 'subscribe-list', aggregate: this.#name });
  }

  receiveList(items: readonly ListedAggregate[]): void {
    this.#isLive = true;
    this.#commit(items);
  }

  receiveChange(change: ListChange): void {
    if (this.#isLive) this.#commit(applyListChange(this.#state.items, change));
  }

  close(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(new Error('the list was closed'));
    this.#listeners.clear();
    this.#context.connection.send({ type: 'unsubscribe-list', aggregate: this.#name });
    this.#onClose();
  }

  #commit(items: State['items']): void {
    this.#state = Object.freeze({ status: 'ready', items });
    this.#listeners.emit();
  }

  #createHandle(): ListHandle<AggregateDefinition> {
    const subscribe = (listener: () => void) => this.#listeners.add(listener);
    return {
      peek: () => this.#state,
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
