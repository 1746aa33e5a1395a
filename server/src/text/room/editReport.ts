import type { User } from '@weft/client/protocol';
import type { StreamName } from '../../event-store/eventStore.ts';
import type { Seat } from './seat.ts';

/** `field` is the root type's name. */
export type EditedText = { readonly stream: StreamName; readonly field: string };

/** What rooms tell others of. Both are called synchronously and must not throw. */
export type EditHooks = {
  /** After each stored batch, with those who typed it. */
  readonly onEdited?: ((text: EditedText, users: readonly User[]) => void) | undefined;
  /** When everyone has left a text that was edited, and all of it is stored. */
  readonly onLeft?: ((text: EditedText) => void) | undefined;
};

/** Tells of the edits of one text. */
export class EditReport {
  readonly #hooks: EditHooks;
  readonly #text: EditedText;
  #isEdited = false;

  constructor(hooks: EditHooks, text: EditedText) {
    this.#hooks = hooks;
    this.#text = text;
  }

  stored(senders: ReadonlySet<Seat>): void {
    this.#isEdited = true;
    const users = Array.from(senders, ({ participant }) => [participant.user.id, participant.user] as const);
    this.#hooks.onEdited?.(this.#text, [...new Map(users).values()]);
  }

  left(): void {
    if (!this.#isEdited) return;
    this.#isEdited = false;
    this.#hooks.onLeft?.(this.#text);
  }
}
