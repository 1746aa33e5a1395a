/** Something with a present value that tells when it has another one. Members need no `this`. */
export type Peekable<Value> = {
  /** The same reference until the value changes. */
  peek(): Value;
  /** Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
};
