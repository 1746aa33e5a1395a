import { readCpuTime, readMachineCpuMs, toCpuTimeBetween } from '../support/cpuTime.ts';
import type { ServerUnderTest } from '../support/serverUnderTest.ts';

export type LoadFigures = {
  readonly serverCpuMs: number;
  readonly mainThreadCpuMs: number;
  /** CPU by time, 1 is a whole core. */
  readonly serverCores: number;
  /** Of this process, which is all of the clients: near 1 it was they who were measured. */
  readonly clientCores: number;
  /** What the machine did besides: the less it is, the more the figures say. */
  readonly otherCores: number;
};

/** Starts to measure; the returned function ends it. */
export function measureLoad({ pid }: ServerUnderTest): () => LoadFigures {
  const cpuBefore = readCpuTime(pid);
  const clientBefore = process.cpuUsage();
  const machineBefore = readMachineCpuMs();
  const startedAt = performance.now();
  return () => {
    const ms = performance.now() - startedAt;
    const { all, mainThread } = toCpuTimeBetween(cpuBefore, readCpuTime(pid));
    const client = process.cpuUsage(clientBefore);
    const clientMs = (client.user + client.system) / 1000;
    return {
      serverCpuMs: all,
      mainThreadCpuMs: mainThread,
      serverCores: all / ms,
      clientCores: clientMs / ms,
      otherCores: Math.max(0, readMachineCpuMs() - machineBefore - all - clientMs) / ms,
    };
  };
}
