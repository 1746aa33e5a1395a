import { measureAuthors } from './authors.ts';
import { measureCursors } from './cursors.ts';
import { measureMemory } from './memory.ts';
import { measureOpening } from './opening.ts';
import type { Options, RowName } from './options.ts';
import type { RowContext, RowFigures } from './rows.ts';
import type { Metric, Row } from './table.ts';
import { measureTyping } from './typing.ts';

/** Rows that are measured together, since one leads to the other. */
export type Measurement = {
  readonly rows: readonly Row[];
  measure(context: RowContext): Promise<RowFigures[]>;
};

const LOAD: readonly Metric[] = [
  { key: 'serverCores', title: 'server CPU, cores', digits: 2 },
  { key: 'clientCores', title: 'CPU of the clients, cores', digits: 2 },
  { key: 'otherCores', title: 'CPU of everything else, cores', digits: 2 },
];

export function toMeasurements({ rows, seconds, sizes }: Options): readonly Measurement[] {
  const { openDocuments, joiners, laterOpenings } = sizes;
  const people = 100;
  const all: readonly Measurement[] = [
    typing('updates-2000', { documents: 20, peoplePerDocument: 10, rate: 2000 }, 1.25, true),
    typing('updates-5000', { documents: 20, peoplePerDocument: 10, rate: 5000 }, 1, false),
    typing('hot', { documents: 1, peoplePerDocument: people, rate: 400 }, 0.6, false),
    {
      rows: [
        {
          name: 'memory',
          title: `${openDocuments} open documents of 4,000 characters`,
          metrics: [
            {
              key: 'collectedKb',
              title: 'memory of one, kB',
              digits: 1,
              goal: { kind: 'at-most', limit: 35 },
            },
            { key: 'residentKb', title: 'the same before garbage is collected, kB', digits: 1 },
            { key: 'beforeMb', title: 'server before, MB', digits: 0 },
            { key: 'afterMb', title: 'server after, MB', digits: 0 },
          ],
        },
      ],
      measure: (context) => measureMemory(context, openDocuments),
    },
    {
      rows: [
        {
          name: 'open',
          title: 'opening the long document',
          metrics: [
            { key: 'firstMs', title: 'first, ms', digits: 1, goal: { kind: 'at-most', limit: 60 } },
            { key: 'laterMs', title: 'later, ms', digits: 1, goal: { kind: 'at-most', limit: 10 } },
          ],
        },
        {
          name: 'join',
          title: `${joiners} people joining it at once`,
          metrics: [
            {
              key: 'joinMs',
              title: 'until all are synced, ms',
              digits: 0,
              goal: { kind: 'at-most', limit: 300 },
            },
            { key: 'joinCpuMs', title: 'server CPU, ms', digits: 0 },
            { key: 'clientCores', title: 'CPU of the clients, cores', digits: 2 },
          ],
        },
      ],
      measure: (context) => measureOpening(context, { later: laterOpenings, joiners }),
    },
    {
      rows: [
        {
          name: 'cursors',
          title: `${people} people's cursors, once a second`,
          metrics: [
            {
              key: 'cpuUs',
              title: 'server CPU per cursor seen, µs',
              digits: 1,
              goal: { kind: 'at-most', limit: 8 },
            },
            { key: 'p50Ms', title: 'latency p50, ms', digits: 1 },
            { key: 'p95Ms', title: 'latency p95, ms', digits: 1, goal: { kind: 'at-most', limit: 100 } },
            { key: 'shownShare', title: 'share of the cursors seen', digits: 2 },
            ...LOAD,
          ],
        },
      ],
      measure: (context) => measureCursors(context, { people, seconds }),
    },
    {
      rows: [
        {
          name: 'authors',
          title: `two authors, ${sizes.authors.rate} updates/s`,
          metrics: [
            { key: 'cpuUs', title: 'server CPU per update, µs', digits: 0 },
            { key: 'mainCpuUs', title: 'of it on the main thread, µs', digits: 0 },
            { key: 'p50Ms', title: 'latency p50, ms', digits: 1 },
            { key: 'p99Ms', title: 'latency p99, ms', digits: 1 },
            { key: 'rate', title: 'updates/s', digits: 0 },
            ...LOAD,
          ],
        },
      ],
      measure: (context) => measureAuthors(context, sizes.authors),
    },
  ];
  return all.filter((measurement) => measurement.rows.some(({ name }) => rows.includes(name)));

  function typing(
    name: RowName,
    load: { readonly documents: number; readonly peoplePerDocument: number; readonly rate: number },
    limit: number,
    hasLatencyGoal: boolean,
  ): Measurement {
    const rate = load.rate * sizes.rate;
    const { documents, peoplePerDocument } = load;
    const latency = (title: string, key: string, most: number): Metric => ({
      key,
      title,
      digits: 1,
      ...(hasLatencyGoal && { goal: { kind: 'at-most', limit: most } }),
    });
    return {
      rows: [
        {
          name,
          title: `${documents} × ${peoplePerDocument} people, ${rate} updates/s`,
          metrics: [
            {
              key: 'cpuUs',
              title: 'server CPU per update, µs',
              digits: 0,
              goal: { kind: 'share-of-relay', limit },
            },
            { key: 'mainCpuUs', title: 'of it on the main thread, µs', digits: 0 },
            latency('latency p50, ms', 'p50Ms', 15),
            latency('latency p99, ms', 'p99Ms', 60),
            { key: 'rate', title: 'updates/s', digits: 0 },
            { key: 'deliveries', title: 'deliveries checked', digits: 0 },
            { key: 'frames', title: 'frames received by each', digits: 0 },
            ...LOAD,
          ],
        },
      ],
      measure: (context) => measureTyping(context, { ...load, rate, seconds }),
    };
  }
}
