import { setTimeout as sleep } from 'node:timers/promises';

/** Calls back so many times, evenly over the time; late ones are made up for at once. */
export async function pace(count: number, rate: number, act: (index: number) => void): Promise<void> {
  const startedAt = performance.now();
  for (let done = 0; done < count;) {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * rate) + 1;
    while (done < Math.min(due, count)) {
      act(done);
      done += 1;
    }
    await sleep(1);
  }
}

const QUIET_MS = 100;

/** Resolves when a count has not changed for a while. */
export async function untilQuiet(readCount: () => number, quietMs = QUIET_MS): Promise<void> {
  let count = readCount();
  for (let quietSince = performance.now(); performance.now() - quietSince < quietMs;) {
    await sleep(10);
    const now = readCount();
    if (now !== count) quietSince = performance.now();
    count = now;
  }
}

/** Looks again and again; rejects after `timeoutMs` with what `describe` says is missing. */
export async function until(
  isDone: () => boolean,
  describe: () => string,
  timeoutMs = 60_000,
): Promise<void> {
  const startedAt = performance.now();
  while (!isDone()) {
    if (performance.now() - startedAt > timeoutMs) throw new Error(`in vain: ${describe()}`);
    await sleep(20);
  }
}
