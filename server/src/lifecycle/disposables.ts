/** Collects what an owner must stop, and stops it in reverse order, once. */
export type Disposables = {
  /** Adds something to stop; stops it at once where the owner was stopped already. */
  add(dispose: () => void): void;
  /** Idempotent. */
  dispose(): void;
};

export function createDisposables(): Disposables {
  const pending: (() => void)[] = [];
  let disposed = false;

  return {
    add: (dispose) => {
      if (disposed) dispose();
      else pending.push(dispose);
    },
    dispose: () => {
      disposed = true;
      for (let dispose = pending.pop(); dispose !== undefined; dispose = pending.pop()) dispose();
    },
  };
}
