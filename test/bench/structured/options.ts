import { parseArgs } from 'node:util';

const PARTS = ['throughput', 'concurrency', 'growth'] as const;

export type Part = (typeof PARTS)[number];

export type Options = {
  readonly parts: readonly Part[];
  /** Measured rounds of each server, after a warm-up. */
  readonly rounds: number;
  /** How long a round takes. */
  readonly seconds: number;
  readonly connections: number;
  /** How many notes the connections share. */
  readonly aggregates: number;
  /** Events of one note in the part on growth, ascending. */
  readonly lengths: readonly number[];
  /** Writes measured at each of those lengths. */
  readonly writes: number;
  /** Where the figures are written as JSON. Default: nowhere. */
  readonly json: string | undefined;
};

export const USAGE = `npm run bench:structured -- [--part throughput|concurrency|growth] [--rounds 5] [--seconds 4]
  [--connections 16] [--aggregates 200] [--lengths 10,100,1000,10000] [--writes 4500] [--json <file>]`;

/** Throws where an option is unknown or malformed. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      part: { type: 'string', default: 'all' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '16' },
      aggregates: { type: 'string', default: '200' },
      lengths: { type: 'string', default: '10,100,1000,10000' },
      writes: { type: 'string', default: '4500' },
      json: { type: 'string' },
    },
  });
  const connections = toCount(values.connections);
  const aggregates = toCount(values.aggregates);
  if (aggregates < connections) throw new RangeError('every connection needs a note of its own');
  return {
    parts: toParts(values.part),
    rounds: toCount(values.rounds),
    seconds: toCount(values.seconds),
    connections,
    aggregates,
    lengths: values.lengths
      .split(',')
      .map(toCount)
      .toSorted((a, b) => a - b),
    writes: toCount(values.writes),
    json: values.json,
  };
}

function toParts(given: string): readonly Part[] {
  const parts = PARTS.filter((part) => given === 'all' || part === given);
  if (parts.length === 0) throw new RangeError(`"${given}" is no part`);
  return parts;
}

function toCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`"${text}" is no number from 1 on`);
  return count;
}
