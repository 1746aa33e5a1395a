import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { Connection } from '../connection/connection.ts';

export type AggregateAddress = { readonly aggregate: string; readonly id: string };

/**
 * Hears of one aggregate on the running session: asks for its state, and knows whether the answer has come. One
 * question at a time, so that it is always clear which of them a state answers.
 */
export class AggregateSubscription {
  readonly #connection: Connection;
  readonly #address: AggregateAddress;
  readonly #newestToken: () => ConsistencyToken | undefined;
  #phase: 'none' | 'asked' | 'asked-too-early' | 'live' = 'none';
  #after: ConsistencyToken | undefined;

  /** `newestToken` is of the state that the asker has already; the server need not send that again. */
  constructor(
    connection: Connection,
    address: AggregateAddress,
    newestToken: () => ConsistencyToken | undefined,
  ) {
    this.#connection = connection;
    this.#address = address;
    this.#newestToken = newestToken;
  }

  /** Whether the state has come, and every event after it does. */
  get isLive(): boolean {
    return this.#phase === 'live';
  }

  /** Whether the session was asked; without that nothing is heard of the aggregate. */
  get isAsked(): boolean {
    return this.#phase !== 'none';
  }

  /** The state that the question was asked by; undefined where the whole state was asked for. */
  get after(): ConsistencyToken | undefined {
    return this.#after;
  }

  /** A session has begun. */
  ask(): void {
    const after = this.#newestToken();
    this.#after = after;
    this.#phase = 'asked';
    this.#connection.send({ type: 'subscribe', ...this.#address, ...(after !== undefined && { after }) });
  }

  /** Asks for a state that is read after this moment. */
  askAgain(): void {
    if (this.#phase === 'asked') this.#phase = 'asked-too-early';
    if (this.#phase !== 'live') return;
    this.#connection.send({ type: 'unsubscribe', ...this.#address });
    this.ask();
  }

  /** A state came and was taken over. Returns whether it was read after everything that was asked. */
  receiveState(): boolean {
    const isFresh = this.#phase !== 'asked-too-early';
    this.#phase = 'live';
    if (!isFresh) this.askAgain();
    return isFresh;
  }

  /** The session is gone. */
  lose(): void {
    this.#phase = 'none';
  }

  end(): void {
    if (this.#phase !== 'none') this.#connection.send({ type: 'unsubscribe', ...this.#address });
    this.#phase = 'none';
  }
}
