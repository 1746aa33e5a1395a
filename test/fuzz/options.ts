import type { TextKind } from '@weft/client/protocol';
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { REGRESSIONS } from './regressions.ts';

const TEXTS = ['text', 'rich-text'] as const;

export type Options = {
  readonly cases: number;
  /** The same seed makes the same cases of the same program. */
  readonly seed: number;
  /** Which kinds of text. */
  readonly texts: readonly TextKind[];
  /** Where failures are written, cut down to what they need. */
  readonly regressions: string;
};

export const USAGE =
  'npm run fuzz -- [--cases 1000000] [--seed <number>] [--text text|rich-text] [--regressions test/regressions]';

/** Throws where an option is unknown or malformed. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      text: { type: 'string', default: 'both' },
      regressions: { type: 'string', default: REGRESSIONS },
    },
  });
  return {
    cases: toCount(values.cases),
    seed: toCount(values.seed),
    texts: toKinds(values.text),
    regressions: resolve(values.regressions),
  };
}

function toKinds(text: string): readonly TextKind[] {
  const kinds = TEXTS.filter((kind) => text === 'both' || text === kind);
  if (kinds.length === 0) throw new RangeError(`"${text}" is no kind of text`);
  return kinds;
}

function toCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`"${text}" is no number from 0 on`);
  return count;
}
