import type { Measurement } from './measureLoad.ts';
import { median, percentile } from '../support/statistics.ts';

/** What several rounds of one load come to. */
export type Summary = {
  readonly requests: number;
  /** Median over the rounds, as are those per request. */
  readonly requestsPerSecond: number;
  /** Over all requests, as is the 99th percentile. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** All threads of the server. */
  readonly serverCpuUs: number;
  readonly mainThreadCpuUs: number;
  readonly generatorCpuUs: number;
  /** CPU of the generator by time: 1 is a whole core, and then it was the generator that was measured. */
  readonly generatorLoad: number;
  readonly serverLoad: number;
  /** What the machine did besides: the less it is, the more the figures say. */
  readonly otherLoad: number;
};

export function summarise(rounds: readonly Measurement[]): Summary {
  const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs);
  const medianOf = (toValue: (round: Measurement) => number) => median(rounds.map(toValue));
  return {
    requests: latencies.length,
    requestsPerSecond: medianOf(({ requests, seconds }) => requests / seconds),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    serverCpuUs: medianOf(({ serverCpuMs, requests }) => (serverCpuMs.all * 1000) / requests),
    mainThreadCpuUs: medianOf(({ serverCpuMs, requests }) => (serverCpuMs.mainThread * 1000) / requests),
    generatorCpuUs: medianOf(({ generatorCpuMs, requests }) => (generatorCpuMs * 1000) / requests),
    generatorLoad: medianOf(({ generatorCpuMs, seconds }) => generatorCpuMs / 1000 / seconds),
    serverLoad: medianOf(({ serverCpuMs, seconds }) => serverCpuMs.all / 1000 / seconds),
    otherLoad: medianOf(
      ({ machineCpuMs, serverCpuMs, generatorCpuMs, seconds }) =>
        Math.max(0, machineCpuMs - serverCpuMs.all - generatorCpuMs) / 1000 / seconds,
    ),
  };
}
