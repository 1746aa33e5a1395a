import { parseArgs } from 'node:util';
import { PEERS, type PeerName } from './peers.ts';

export const ROWS = [
  'updates-2000',
  'updates-5000',
  'hot',
  'memory',
  'open',
  'join',
  'cursors',
  'authors',
] as const;

export type RowName = (typeof ROWS)[number];

export type Options = {
  readonly rows: readonly RowName[];
  readonly peers: readonly PeerName[];
  /** Measured rounds of each server; after a warm-up where there is something to warm. */
  readonly rounds: number;
  /** How long people type in a round. */
  readonly seconds: number;
  readonly sizes: Sizes;
  /** Whether the sizes are those that the goals are for. */
  readonly hasGoals: boolean;
  /** Where the figures are written as JSON. Default: nowhere. */
  readonly json: string | undefined;
  /** The folder for a CPU profile of each of Weft's threads. Default: none are made, for they cost time. */
  readonly profile: string | undefined;
};

/** How much is put on a server. */
export type Sizes = {
  /** Factor of the update rates. */
  readonly rate: number;
  readonly openDocuments: number;
  readonly joiners: number;
  readonly laterOpenings: number;
  /** Updates a second of the replayed authors together, and how many of them are replayed. */
  readonly authors: { readonly rate: number; readonly updates: number };
};

const FULL: Sizes = {
  rate: 1,
  openDocuments: 3000,
  joiners: 150,
  laterOpenings: 15,
  authors: { rate: 500, updates: Infinity },
};

const QUICK: Sizes = {
  rate: 0.1,
  openDocuments: 100,
  joiners: 10,
  laterOpenings: 3,
  authors: { rate: 500, updates: 400 },
};

export const USAGE = `npm run bench:text -- [--rows ${ROWS.join(',')}]
  [--peers ${PEERS.join(',')}] [--rounds 3] [--seconds 5] [--json <file>] [--profile <folder>]
  [--quick]  (small loads for a second, once: whether it runs, not how fast)`;

/** Throws where an option is unknown or malformed. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  return {
    rows: toSome(values.rows, ROWS),
    peers: toSome(values.peers, PEERS),
    rounds: toCount(values.rounds ?? (values.quick ? '1' : '3')),
    seconds: toCount(values.seconds ?? (values.quick ? '1' : '5')),
    sizes: values.quick ? QUICK : FULL,
    hasGoals: !values.quick,
    json: values.json,
    profile: values.profile,
  };
}

/** In the order in which they are known. Each may also be given by its number, from 1. */
function toSome<Name extends string>(given: string | undefined, all: readonly Name[]): readonly Name[] {
  if (given === undefined) return all;
  const wanted = given.split(',').map((part) => all[Number(part) - 1] ?? part);
  const unknown = wanted.find((name) => !all.some((known) => known === name));
  if (unknown !== undefined) throw new RangeError(`"${unknown}" is none of ${all.join(', ')}`);
  return all.filter((name) => wanted.includes(name));
}

function toCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`"${text}" is no number from 1 on`);
  return count;
}
