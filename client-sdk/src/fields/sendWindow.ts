import type { CommandOutcome } from '../../protocol/outcome.ts';

/** Has commands to send, one after the other. */
export type Sender = {
  /** Sends what may be sent now. Returns its key, or undefined where there is nothing. */
  sendNext(): string | undefined;
  /** The answer to one of its commands. */
  receiveOutcome(key: string, outcome: CommandOutcome): void;
};

/** Commands of one client that wait for their answers at the same time; the server reads on at 64. */
export const MAX_COMMANDS_UNDER_WAY = 32;

/** Lets a bounded number of commands be under way, and everybody who has some have a turn. */
export class SendWindow {
  readonly #waiting = new Set<Sender>();
  readonly #underWay = new Map<string, Sender>();

  /** Sends now, or as soon as there is room. */
  ask(sender: Sender): void {
    this.#waiting.add(sender);
    this.#fill();
  }

  /** Who sent this command, which is answered. There is room for another one then. */
  take(key: string): Sender | undefined {
    const sender = this.#underWay.get(key);
    this.#underWay.delete(key);
    return sender;
  }

  /** Nothing more is to be sent of it, nor waited for. */
  leave(sender: Sender): void {
    this.#waiting.delete(sender);
    for (const [key, other] of this.#underWay) if (other === sender) this.#underWay.delete(key);
    this.#fill();
  }

  /** The session is gone: nothing is under way, and whoever has something asks again. */
  reset(): void {
    this.#waiting.clear();
    this.#underWay.clear();
  }

  #fill(): void {
    for (const sender of this.#waiting) {
      if (this.#underWay.size >= MAX_COMMANDS_UNDER_WAY) return;
      this.#waiting.delete(sender);
      const key = sender.sendNext();
      if (key !== undefined) this.#underWay.set(key, sender);
    }
  }
}
