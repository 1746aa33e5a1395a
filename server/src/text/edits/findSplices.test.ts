import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../../../test/support/seededRandom.ts';
import { findSplices, type Splice } from './findSplices.ts';
import { PLACEHOLDER } from './sequence.ts';

const NOTHING: ReadonlyMap<number, string> = new Map();

const find = (base: string, target: string) =>
  findSplices({ text: base, things: NOTHING }, { text: target, things: NOTHING });

/** What gives way to what. */
const told = (base: string, target: string) =>
  find(base, target).map(({ at, deleted, from, inserted }) => [
    base.slice(at, at + deleted),
    target.slice(from, from + inserted),
  ]);

function apply(base: string, target: string, splices: readonly Splice[]): string {
  return splices.reduceRight(
    (text, { at, deleted, from, inserted }) =>
      text.slice(0, at) + target.slice(from, from + inserted) + text.slice(at + deleted),
    base,
  );
}

describe('the splices between two texts', () => {
  it.each<[string, string, string[][]]>([
    ['same', 'same', []],
    ['', 'new', [['', 'new']]],
    ['old', '', [['old', '']]],
    ['Hello wurld', 'Hello world', [['u', 'o']]],
    [
      'one two three',
      'one 2 three four',
      [
        ['two', '2'],
        ['', ' four'],
      ],
    ],
    ['Bring tents.', 'Bring two tents.', [['', 'two ']]],
    ['a two two b', 'a two b', [['two ', '']]],
    ['x\ny\nz\n', 'x\nz\n', [['y\n', '']]],
    ['漢字を書く', '漢字も書く', [['を', 'も']]],
    ['a😀b', 'a😁b', [['😀', '😁']]],
    ['😀', '😀😀', [['', '😀']]],
    ['👩‍👩‍👧 here', '👩‍👧 here', [['👩‍', '']]],
    [
      'the cat sat on a mat',
      'the dog sat on the mat',
      [
        ['cat', 'dog'],
        ['a', 'the'],
      ],
    ],
  ])('[EDT1] of %j and %j are few and small', (base, target, wanted) => {
    expect(told(base, target)).toEqual(wanted);
    expect(apply(base, target, find(base, target))).toBe(target);
  });

  it('[EDT1] lead from one to the other, whatever they are', () => {
    const random = createSeededRandom(11);
    const words = ['a', 'b', 'ab', ' ', '\n', '😀', '😁', '\r\n', 'é', PLACEHOLDER, '.'];
    const some = () => Array.from({ length: random.integer(40) }, () => random.oneOf(words)).join('');
    for (let run = 0; run < 500; run++) {
      const [base, target] = [some(), some()];
      const splices = find(base, target);
      expect(apply(base, target, splices)).toBe(target);
      for (const { at, deleted, from, inserted } of splices) {
        const parts = [
          base.slice(at, at + deleted),
          base.slice(at + deleted),
          target.slice(from, from + inserted),
        ];
        expect(parts.every((part) => part.isWellFormed())).toBe(true);
      }
    }
  });

  it('[EDT1] tell a thing from another, and from a character that looks alike', () => {
    const text = `a${PLACEHOLDER}b${PLACEHOLDER}c`;
    const base = {
      text,
      things: new Map([
        [1, 'one'],
        [3, 'two'],
      ]),
    };
    expect(findSplices(base, base)).toEqual([]);
    expect(findSplices(base, { text, things: new Map([[1, 'one']]) })).toEqual([
      { at: 3, deleted: 1, from: 3, inserted: 1 },
    ]);
    expect(findSplices(base, { text: `a${PLACEHOLDER}c`, things: new Map([[1, 'two']]) })).toEqual([
      { at: 1, deleted: 2, from: 1, inserted: 0 },
    ]);
  });

  it('[EDT1] of ten million characters with a few changes are as small as those', () => {
    const lines = Array.from({ length: 250_000 }, (_, index) => `Line ${index} of a text that is long.`);
    const base = lines.join('\n');
    lines[3] = 'Line three.';
    lines[200_000] = 'Line 200000 of a text that is long. Really.';
    lines.splice(100_000, 1);
    const splices = find(base, lines.join('\n'));
    expect(splices.length).toBeLessThan(6);
    expect(splices.reduce((sum, { deleted, inserted }) => sum + deleted + inserted, 0)).toBeLessThan(120);
  }, 30_000);
});
