/** Something with a present value that tells when it has another one. */
export interface Peekable<Value> {
  /** The same reference until the value changes. */
  peek(): Value;
  subscribe(listener: () => void): () => void;
}

export interface Store<Value> extends Peekable<Value> {
  set(value: Value): void;
}

export function createStore<Value>(initial: Value): Store<Value> {
  const listeners = new Set<() => void>();
  let value = initial;
  return {
    peek: () => value,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(next) {
      value = next;
      for (const listener of [...listeners]) listener();
    },
  };
}
