import { toRatio, toTable } from '../support/table.ts';
import type { Concurrency } from './concurrency.ts';
import type { Growth } from './growth.ts';
import type { Summary } from './summary.ts';
import type { Throughput } from './throughput.ts';

export function reportThroughput({ weft, storing, echo }: Throughput): string {
  const row = (name: string, toValue: (summary: Summary) => number, digits = 0) => [
    name,
    toValue(weft).toFixed(digits),
    toValue(storing).toFixed(digits),
    toValue(echo).toFixed(digits),
    toRatio(toValue(weft), toValue(storing)),
    toRatio(toValue(weft), toValue(echo)),
  ];
  return toTable([
    ['structured writes', 'weft', 'storing echo', 'echo', 'to storing', 'to echo'],
    row('requests/s', ({ requestsPerSecond }) => requestsPerSecond),
    row('latency p50, ms', ({ p50Ms }) => p50Ms, 2),
    row('latency p99, ms', ({ p99Ms }) => p99Ms, 2),
    row('server CPU per request, µs', ({ serverCpuUs }) => serverCpuUs),
    row('of it on the main thread, µs', ({ mainThreadCpuUs }) => mainThreadCpuUs),
    row('server CPU, cores', ({ serverLoad }) => serverLoad, 2),
    row('generator CPU per request, µs', ({ generatorCpuUs }) => generatorCpuUs),
    row('generator CPU, cores', ({ generatorLoad }) => generatorLoad, 2),
    row('CPU of everything else, cores', ({ otherLoad }) => otherLoad, 2),
    row('requests measured', ({ requests }) => requests),
  ]);
}

export function reportConcurrency(figures: Concurrency): string {
  return toTable([
    ['connections', 'requests/s', 'p50, ms', 'p99, ms', 'server CPU per PATCH, µs', 'writes per commit'],
    ...figures.map(({ connections, writes, writesPerCommit }) => [
      String(connections),
      writes.requestsPerSecond.toFixed(0),
      writes.p50Ms.toFixed(2),
      writes.p99Ms.toFixed(2),
      writes.serverCpuUs.toFixed(0),
      writesPerCommit.toFixed(1),
    ]),
  ]);
}

export function reportGrowth({ start, lengths }: Growth): string {
  const columns: [string, (figures: Growth['lengths'][number]) => string][] = [
    ['events of the note', ({ length }) => String(length)],
    ['PATCH p50, ms', ({ writes }) => writes.p50Ms.toFixed(2)],
    ['PATCH p99, ms', ({ writes }) => writes.p99Ms.toFixed(2)],
    ['server CPU per PATCH, µs', ({ writes }) => writes.serverCpuUs.toFixed(0)],
    ['cold read, ms', ({ coldReadMs }) => coldReadMs.toFixed(1)],
    ['cold PATCH, ms', ({ coldWriteMs }) => coldWriteMs.toFixed(1)],
  ];
  const table = toTable([
    columns.map(([name]) => name),
    ...lengths.map((figures) => columns.map(([, toText]) => toText(figures))),
    ...toRatios(lengths),
  ]);
  const ready = `listening after ${start.listeningMs.toFixed(0)} ms, lists ready after ${start.listsReadyMs.toFixed(0)} ms`;
  return `${table}\n\nA start on these ${start.events} events: ${ready}`;
}

function toRatios(lengths: Growth['lengths']): string[][] {
  const [shortest, longest] = [lengths[0], lengths.at(-1)];
  if (!shortest || !longest || shortest === longest) return [];
  const ratio = (toValue: (figures: Growth['lengths'][number]) => number) =>
    toRatio(toValue(longest), toValue(shortest));
  return [
    [
      `${longest.length} to ${shortest.length}`,
      ratio(({ writes }) => writes.p50Ms),
      ratio(({ writes }) => writes.p99Ms),
      ratio(({ writes }) => writes.serverCpuUs),
      ratio(({ coldReadMs }) => coldReadMs),
      ratio(({ coldWriteMs }) => coldWriteMs),
    ],
  ];
}
