import * as Y from 'yjs';
import type { ChannelRequest } from '../connection/channels.ts';
import type { TabMessage } from '../storage/tabLink.ts';

export type TextMessage = Extract<TabMessage, { readonly target: unknown }>;

export type TextTabsOptions = {
  readonly doc: Y.Doc;
  /** The text, with the epoch of what is in the document. */
  readonly target: () => ChannelRequest;
  readonly post: (message: TabMessage) => void;
};

/**
 * A text in the other pages of this origin, which are shown what the server has not told them. Each page makes sure by
 * itself that what it was shown reaches the server: the page that it came from may be gone by then. Pages that have
 * different epochs of a text have nothing to tell each other.
 */
export class TextTabs {
  readonly #options: TextTabsOptions;

  constructor(options: TextTabsOptions) {
    this.#options = options;
  }

  /** Shows the others an edit; without one, everything that is here. */
  show(update = Y.encodeStateAsUpdate(this.#options.doc)): void {
    const { target, post } = this.#options;
    post({ type: 'text-edited', target: target(), update });
  }

  /** Asks the others for what is not here. */
  ask(): void {
    const { doc, target, post } = this.#options;
    post({ type: 'text-wanted', target: target(), stateVector: Y.encodeStateVector(doc) });
  }

  receive(message: Exclude<TextMessage, { type: 'text-dismissed' }>): void {
    const { doc, target } = this.#options;
    if (message.target.epoch !== target().epoch) return;
    if (message.type === 'text-edited') Y.applyUpdate(doc, message.update, this);
    else this.show(Y.encodeStateAsUpdate(doc, message.stateVector));
  }
}
