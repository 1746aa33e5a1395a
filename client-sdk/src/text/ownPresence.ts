import type { Awareness } from 'y-protocols/awareness';
import { isEqual } from '../../protocol/isEqual.ts';
import type { User } from '../../protocol/user.ts';
import { toUserColor } from './toUserColor.ts';

/** What this page says of itself in a text: nothing, until somebody holds the text. */
export class OwnPresence {
  readonly #awareness: Awareness;
  readonly #readUser: () => User | undefined;
  #isHeld = false;
  #introducedAs: User | undefined;

  constructor(awareness: Awareness, readUser: () => User | undefined) {
    this.#awareness = awareness;
    this.#readUser = readUser;
    awareness.setLocalState(null);
  }

  enter(): void {
    this.#isHeld = true;
    if (this.#awareness.getLocalState() === null) this.#awareness.setLocalState({});
    this.introduce();
  }

  leave(): void {
    this.#isHeld = false;
    this.#introducedAs = undefined;
    this.#awareness.setLocalState(null);
  }

  /** Says who this is, unless that was said: the application may have written its own since. */
  introduce(): void {
    const user = this.#readUser();
    if (!this.#isHeld || !user || isEqual(user, this.#introducedAs)) return;
    this.#introducedAs = user;
    this.#awareness.setLocalStateField('user', { ...user, ...toUserColor(user.id) });
  }

  /** The others were told that this one left: what it says when it comes back must be newer than that. */
  renew(): void {
    if (this.#isHeld) this.#awareness.setLocalState(this.#awareness.getLocalState());
  }
}
