import { expect, onTestFinished, test } from 'vitest';
import { createSeededRandom } from '../../../../test/support/seededRandom.ts';
import { compareTexts, type TextRun } from './compareTexts.ts';
import { createTextComparer } from './textComparer.ts';

function textOf(runs: readonly TextRun[], left: TextRun['op']): string {
  return runs
    .filter(({ op }) => op !== left)
    .map(({ text }) => text)
    .join('');
}

const toShort = (runs: readonly TextRun[]) =>
  runs.map(({ op, text }) => (op === 'equal' ? text : op === 'insert' ? `+${text}+` : `-${text}-`)).join('|');

test.each([
  ['', '', ''],
  ['', 'new', '+new+'],
  ['old', '', '-old-'],
  ['same', 'same', 'same'],
  ['a cat sat', 'a dog sat', 'a |-cat-|+dog+| sat'],
  ['a cat sat', 'a cut sat', 'a |-cat-|+cut+| sat'],
  ['colour', 'color', '-colour-|+color+'],
  ['one two', 'one big two', 'one |+big +|two'],
  ['lines\nof\ntext\n', 'lines\ntext\nmore\n', 'lines\n|-of\n-|text\n|+more\n+'],
  ['漢字かな', '漢語かな', '漢|-字-|+語+|かな'],
  ['größer', 'kleiner', '-größer-|+kleiner+'],
])('[VER4] from %j to %j', (older, newer, short) => {
  expect(toShort(compareTexts({ older, newer }))).toBe(short);
});

test('[VER4] whatever two texts are, the runs are the older one and the newer one, and halve no character', () => {
  const random = createSeededRandom();
  const pieces = ['a', 'word', ' ', '\n', '\r\n', 'é', 'e\u0301', '🎈', '👨‍👩‍👧', '漢', '\0', '_', '-'];
  const write = (length: number) =>
    Array.from({ length: random.integer(length) }, () => random.oneOf(pieces));
  let changes = 0;
  for (let round = 0; round < 400; round++) {
    const base = write(60);
    const edited = [...base];
    for (let edit = 0; edit < random.integer(6); edit++) {
      edited.splice(random.integer(edited.length + 1), random.integer(4), ...write(4));
    }
    const [older, newer] = [base.join(''), edited.join('')];
    const runs = compareTexts({ older, newer });
    expect({ older: textOf(runs, 'insert'), newer: textOf(runs, 'delete') }).toEqual({ older, newer });
    expect(runs.every(({ text }) => text.isWellFormed() && text !== '')).toBe(true);
    expect(runs.some(({ op }, index) => op === runs[index - 1]?.op)).toBe(false);
    changes += runs.filter(({ op }) => op !== 'equal').length;
  }
  expect(changes).toBeGreaterThan(100);
});

function createComparer() {
  const comparer = createTextComparer();
  onTestFinished(() => comparer.close());
  return comparer;
}

const LARGE = 'the same words again and again '.repeat(5_000);

test('[VER4] large texts are compared in a thread of their own, with the same answer', async () => {
  const comparer = createComparer();
  const pair = { older: `${LARGE}one`, newer: `${LARGE}two` };
  let turns = 0;
  let isRunning = true;
  const turning = (async () => {
    for (; isRunning; turns++) await new Promise((resolve) => setImmediate(resolve));
  })();
  const runs = await comparer.compare(pair);
  isRunning = false;
  await turning;
  expect(runs).toEqual(compareTexts(pair));
  expect(runs?.map(({ op }) => op)).toEqual(['equal', 'delete', 'insert']);
  expect(turns).toBeGreaterThan(10);
});

test('[VER4] only so many comparisons wait; further ones are told so, until those are done', async () => {
  const comparer = createComparer();
  const pair = { older: `${LARGE}one`, newer: `${LARGE}two` };
  const all = await Promise.all(Array.from({ length: 40 }, () => comparer.compare(pair)));
  expect(all.filter((runs) => runs === undefined)).toHaveLength(8);
  expect(await comparer.compare(pair)).toHaveLength(3);
  expect(await comparer.compare({ older: 'a', newer: 'a' })).toHaveLength(1);
});

test('[VER4] closing ends what is being compared', async () => {
  const comparer = createComparer();
  const comparing = comparer.compare({ older: LARGE, newer: `${LARGE}x` });
  const refused = expect(comparing).rejects.toThrow('closed');
  await comparer.close();
  await refused;
  await expect(comparer.compare({ older: LARGE, newer: '' })).rejects.toThrow('closed');
});
