import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export type Options = {
  /** How often the server is killed. */
  readonly points: number;
  /** Fixed choices and moments, as far as a machine repeats moments. */
  readonly seed: number;
  /** How many people use it at the same time. */
  readonly clients: number;
};

export const USAGE = 'npm run crash -- [--points 1000] [--seed <number>] [--clients 12]';

/** Throws where an option is unknown or malformed. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      points: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      clients: { type: 'string', default: '12' },
    },
  });
  return {
    points: toCount(values.points, 1),
    seed: toCount(values.seed, 0),
    clients: toCount(values.clients, 1),
  };
}

function toCount(text: string, least: number): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < least)
    throw new RangeError(`"${text}" is no number from ${least} on`);
  return count;
}
