import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Milliseconds of CPU, in user and kernel mode. */
export type CpuTime = {
  /** Of all threads of the process, also those that have ended. */
  readonly all: number;
  readonly mainThread: number;
};

/** What a process has used until now, as Linux counts it: to about 10 ms. */
export function readCpuTime(pid: number): CpuTime {
  return { all: readStat(`/proc/${pid}/stat`), mainThread: readStat(`/proc/${pid}/task/${pid}/stat`) };
}

export function toCpuTimeBetween(before: CpuTime, after: CpuTime): CpuTime {
  return { all: after.all - before.all, mainThread: after.mainThread - before.mainThread };
}

/** Milliseconds of CPU that the whole machine has used, whoever did. */
export function readMachineCpuMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function readStat(path: string): number {
  const stat = readFileSync(path, 'utf8');
  // The name before it may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, kernelTicks] = fields.slice(11, 13).map(Number);
  if (userTicks === undefined || kernelTicks === undefined) throw new Error(`${path} is of an unknown form`);
  return ((userTicks + kernelTicks) * 1000) / TICKS_PER_SECOND;
}
