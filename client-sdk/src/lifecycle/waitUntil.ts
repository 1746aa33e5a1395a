type WaitOptions<Value> = {
  /** The value waited for; undefined while there is none. */
  readonly read: () => Value | undefined;
  readonly subscribe: (listener: () => void) => () => void;
  /** Each of them ends the wait: the promise rejects with its reason. */
  readonly signals: readonly (AbortSignal | undefined)[];
};

/** Resolves with the first value that `read` has, now or after a change. */
export function waitUntil<Value>({ read, subscribe, signals }: WaitOptions<Value>): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const present = signals.filter((signal) => signal !== undefined);
  const check = () => {
    const aborted = present.find((signal) => signal.aborted);
    const value = aborted ? undefined : read();
    if (!aborted && value === undefined) return;
    unsubscribe();
    for (const signal of present) signal.removeEventListener('abort', check);
    if (aborted) reject(aborted.reason as Error);
    else resolve(value as Value);
  };
  const unsubscribe = subscribe(check);
  for (const signal of present) signal.addEventListener('abort', check);
  check();
  return promise;
}
