import { diffArrays } from 'diff';
import { PLACEHOLDER, type Sequence, type Splice } from './sequence.ts';

/** How a splice is taken apart. */
export type Granularity = {
  /** Of its tokens. */
  readonly pattern: RegExp;
  /** How many of them may differ. */
  readonly most: number;
  /** Code units that are made into tokens at all. */
  readonly longest: number;
};

type Token = { readonly start: number; readonly id: number };

export type Pair = { readonly base: Sequence; readonly target: Sequence };

/** The parts of a splice that do not consist of the same tokens; undefined where it is too long, or too many differ. */
export function splitByTokens(pair: Pair, splice: Splice, granularity: Granularity): Splice[] | undefined {
  if (splice.deleted + splice.inserted > granularity.longest) return undefined;
  const tokens = toTokens(pair, splice, granularity.pattern);
  const changes = diffArrays(
    tokens.base.map(({ id }) => id),
    tokens.target.map(({ id }) => id),
    { maxEditLength: granularity.most },
  );
  if (!changes) return undefined;
  const parts: Splice[] = [];
  let part: { old: number; young: number } | undefined;
  let [old, young] = [0, 0];
  const end = () => {
    if (part) parts.push(toSplice(tokens, part, { old, young }));
    part = undefined;
  };
  for (const { added, removed, count } of changes) {
    if (added || removed) part ??= { old, young };
    else end();
    if (!added) old += count;
    if (!removed) young += count;
  }
  end();
  return parts;
}

type Tokens = { readonly base: readonly Token[]; readonly target: readonly Token[]; readonly whole: Splice };

/** How many tokens of each come before. */
type Place = { readonly old: number; readonly young: number };

function toSplice({ base, target, whole }: Tokens, begin: Place, end: Place): Splice {
  const startOf = ({ old, young }: Place) => [
    base[old]?.start ?? whole.at + whole.deleted,
    target[young]?.start ?? whole.from + whole.inserted,
  ];
  const [at = 0, from = 0] = startOf(begin);
  const [oldEnd = 0, youngEnd = 0] = startOf(end);
  return { at, deleted: oldEnd - at, from, inserted: youngEnd - from };
}

function toTokens({ base, target }: Pair, whole: Splice, pattern: RegExp): Tokens {
  const ids = new Map<string, number>();
  const read = ({ text, things }: Sequence, start: number, length: number) => {
    const tokens: Token[] = [];
    let place = start;
    for (const token of text.slice(start, start + length).match(pattern) ?? []) {
      const key = token.includes(PLACEHOLDER) ? describe(token, place, things) : token;
      const id = ids.get(key) ?? ids.size;
      ids.set(key, id);
      tokens.push({ start: place, id });
      place += token.length;
    }
    return tokens;
  };
  return {
    base: read(base, whole.at, whole.deleted),
    target: read(target, whole.from, whole.inserted),
    whole,
  };
}

/** A key that no token without a thing has. */
function describe(token: string, place: number, things: Sequence['things']): string {
  const inIt: string[] = [];
  for (let index = token.indexOf(PLACEHOLDER); index !== -1; index = token.indexOf(PLACEHOLDER, index + 1)) {
    const thing = things.get(place + index);
    if (thing !== undefined) inIt.push(String(index), thing);
  }
  return inIt.length === 0 ? token : JSON.stringify([PLACEHOLDER, token, ...inIt]);
}
