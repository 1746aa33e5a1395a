import type { Report } from './clientReport.ts';

/** Who wants to hear of a change. A listener that throws is reported, and the others are still called. */
export class Listeners {
  // One object a subscription, so that the same function may subscribe twice.
  readonly #subscriptions = new Set<{ readonly listener: () => void }>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Returns what ends the subscription; it may be called more than once. */
  add(listener: () => void): () => void {
    const subscription = { listener };
    this.#subscriptions.add(subscription);
    return () => {
      this.#subscriptions.delete(subscription);
    };
  }

  emit(): void {
    for (const subscription of [...this.#subscriptions]) {
      if (!this.#subscriptions.has(subscription)) continue;
      try {
        subscription.listener();
      } catch (error) {
        this.#report({ kind: 'listener-failed', error });
      }
    }
  }

  clear(): void {
    this.#subscriptions.clear();
  }
}
