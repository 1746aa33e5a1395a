import { findSplices } from '../edits/findSplices.ts';
import type { Splice } from '../edits/sequence.ts';

/** A stretch of text that both have, that only the newer has, or that only the older has. */
export type TextRun = { readonly op: 'equal' | 'insert' | 'delete'; readonly text: string };

export type TextPair = { readonly older: string; readonly newer: string };

/**
 * The runs that lead from the older text to the newer one, in whole words for who reads them. The equal and deleted
 * runs are the older text, the equal and inserted ones the newer. Where very much differs, much is one run.
 */
export function compareTexts(pair: TextPair): readonly TextRun[] {
  const { older, newer } = pair;
  const runs: TextRun[] = [];
  let place = 0;
  for (const { at, deleted, from, inserted } of findChangedWords(pair)) {
    push(runs, 'equal', older.slice(place, at));
    push(runs, 'delete', older.slice(at, at + deleted));
    push(runs, 'insert', newer.slice(from, from + inserted));
    place = at + deleted;
  }
  push(runs, 'equal', older.slice(place));
  return runs;
}

function push(runs: TextRun[], op: TextRun['op'], text: string): void {
  if (text !== '') runs.push({ op, text });
}

function findChangedWords(pair: TextPair): readonly Splice[] {
  const things = new Map<number, string>();
  const splices = findSplices({ text: pair.older, things }, { text: pair.newer, things });
  const words: Splice[] = [];
  for (const [index, splice] of splices.entries()) {
    const last = words.at(-1);
    const room = {
      before: splice.at - (last ? last.at + last.deleted : 0),
      after: (splices[index + 1]?.at ?? pair.older.length) - splice.at - splice.deleted,
    };
    const widened = widen(pair, splice, room);
    if (last && last.at + last.deleted === widened.at) words.splice(-1, 1, join(last, widened));
    else words.push(widened);
  }
  return words;
}

function join(one: Splice, next: Splice): Splice {
  return { ...one, deleted: one.deleted + next.deleted, inserted: one.inserted + next.inserted };
}

/** Takes in the rest of a word that begins or ends outside. What is outside is the same in both texts. */
function widen(
  { older, newer }: TextPair,
  { at, deleted, from, inserted }: Splice,
  room: { readonly before: number; readonly after: number },
): Splice {
  const [oldEnd, newEnd] = [at + deleted, from + inserted];
  const beginsInWord = (deleted > 0 && isOfWord(older, at)) || (inserted > 0 && isOfWord(newer, from));
  const endsInWord =
    (deleted > 0 && isOfWord(older, oldEnd - 1)) || (inserted > 0 && isOfWord(newer, newEnd - 1));
  const before = beginsInWord ? countOfWord((step) => isOfWord(older, at - 1 - step), room.before) : 0;
  const after = endsInWord ? countOfWord((step) => isOfWord(older, oldEnd + step), room.after) : 0;
  return {
    at: at - before,
    deleted: deleted + before + after,
    from: from - before,
    inserted: inserted + before + after,
  };
}

/** Code units of what is taken for a word at most. */
const MAX_WORD = 64;

function countOfWord(isOfWordAt: (step: number) => boolean, room: number): number {
  const most = Math.min(room, MAX_WORD);
  let count = 0;
  while (count < most && isOfWordAt(count)) count++;
  return count;
}

// Scripts without spaces have no words that could be told by their characters.
const OF_WORD = /[[\p{L}\p{N}\p{M}_]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]]/v;

function isOfWord(text: string, index: number): boolean {
  return OF_WORD.test(text.charAt(index));
}
