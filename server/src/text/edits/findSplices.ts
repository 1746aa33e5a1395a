import { areEqualAt, isHalvedAt, type Sequence, type Splice } from './sequence.ts';
import { type Granularity, type Pair, splitByTokens } from './splitByTokens.ts';

export type { Sequence, Splice };

// Lines and words beyond these give way as a whole: finding the smallest edits takes time by the square of them.
const MAX_CHANGED_LINES = 1_000;
const MAX_CHANGED_WORDS = 600;
const MAX_LENGTH_IN_WORDS = 1024 * 1024;

// Scripts without spaces are taken character by character, or else a sentence would be one word.
const WORDS =
  /[[\p{L}\p{N}\p{M}_]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]]+|\r\n|[^\S\r\n]+|[^]\p{M}*/gv;

const LINES: Granularity = { pattern: /[^\n]*\n|[^\n]+/g, most: MAX_CHANGED_LINES, longest: Infinity };

const GRANULARITIES: readonly Granularity[] = [
  LINES,
  { pattern: WORDS, most: MAX_CHANGED_WORDS, longest: MAX_LENGTH_IN_WORDS },
];

/** What a room takes in one update: each splice makes some runs of it. Whole lines are far fewer. */
const MAX_SPLICES = 10_000;

/**
 * What has to give way for one sequence to become the other, in order: few and small splices, by lines and words, and
 * within those by characters. Never cuts a surrogate pair. The same for the same sequences.
 */
export function findSplices(base: Sequence, target: Sequence): Splice[] {
  const whole = { at: 0, deleted: base.text.length, from: 0, inserted: target.text.length };
  const splices = find({ base, target }, whole, GRANULARITIES);
  return splices.length > MAX_SPLICES ? find({ base, target }, whole, [LINES]) : splices;
}

function find(pair: Pair, splice: Splice, granularities: readonly Granularity[]): Splice[] {
  const trimmed = trim(pair, splice);
  const { deleted, inserted } = trimmed;
  if (deleted === 0 && inserted === 0) return [];
  if (deleted === 0 || inserted === 0) return [moveBetweenWords(pair, trimmed, splice)];
  const [coarse, ...finer] = granularities;
  if (!coarse) return [trimmed];
  // Whole tokens: what both begin with may end within a word.
  const lines = widenToLines(pair, trimmed, splice);
  const parts = splitByTokens(pair, lines, coarse) ?? [lines];
  return parts.flatMap((part) => find(pair, part, finer));
}

/** Leaves out what both begin and end with. */
function trim({ base, target }: Pair, { at, deleted, from, inserted }: Splice): Splice {
  const most = Math.min(deleted, inserted);
  let start = 0;
  while (start < most && areEqualAt(base, at + start, [target, from + start])) start++;
  if (start > 0 && isHalved({ base, target }, at + start, from + start)) start--;
  const [oldEnd, youngEnd] = [at + deleted, from + inserted];
  let end = 0;
  while (end < most - start && areEqualAt(base, oldEnd - end - 1, [target, youngEnd - end - 1])) end++;
  if (end > 0 && isHalved({ base, target }, oldEnd - end, youngEnd - end)) end--;
  return {
    at: at + start,
    deleted: deleted - start - end,
    from: from + start,
    inserted: inserted - start - end,
  };
}

function isHalved({ base, target }: Pair, at: number, from: number): boolean {
  return isHalvedAt(base.text, at) || isHalvedAt(target.text, from);
}

/** The whole lines that a trimmed splice is in, as far as it was trimmed. */
function widenToLines({ base: { text } }: Pair, trimmed: Splice, splice: Splice): Splice {
  const lineStart = trimmed.at === 0 ? 0 : text.lastIndexOf('\n', trimmed.at - 1) + 1;
  const before = trimmed.at - Math.max(splice.at, lineStart);
  const end = trimmed.at + trimmed.deleted;
  const lineBreak = text.indexOf('\n', end);
  const spliceEnd = splice.at + splice.deleted;
  const after = Math.min(spliceEnd, lineBreak === -1 ? spliceEnd : lineBreak + 1) - end;
  return {
    at: trimmed.at - before,
    deleted: trimmed.deleted + before + after,
    from: trimmed.from - before,
    inserted: trimmed.inserted + before + after,
  };
}

/** How far something is moved at most. */
const MAX_MOVE = 1_000;

const WORD = /[\p{L}\p{N}\p{M}_]/u;

/**
 * Something that is only inserted or only deleted may often be so at several places: a second `two ` before `tents`
 * could be `wo t` within it. Takes the place that parts no word, so that it stands where somebody would have typed it.
 */
function moveBetweenWords(pair: Pair, trimmed: Splice, { at: first }: Splice): Splice {
  const { at, deleted, from, inserted } = trimmed;
  const most = Math.min(at - first, MAX_MOVE);
  for (let by = 0; by <= most; by++) {
    const moved = { at: at - by, deleted, from: from - by, inserted };
    if (isBetweenWords(pair, moved)) return moved;
    const last = [pair.target, moved.from + inserted - 1] as const;
    if (by === most || !areEqualAt(pair.base, moved.at + deleted - 1, last)) break;
  }
  return trimmed;
}

function isBetweenWords(pair: Pair, { at, deleted, from, inserted }: Splice): boolean {
  if (isHalved(pair, at, from) || isHalved(pair, at + deleted, from + inserted)) return false;
  const [text, place] = deleted > 0 ? [pair.base.text, at] : [pair.target.text, from];
  return !(WORD.test(text.charAt(place - 1)) && WORD.test(text.charAt(place)));
}
