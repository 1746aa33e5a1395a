import { describe, expect, it } from 'vitest';
import { citedRules } from './citedRules.ts';
import { compareSpec } from './compareSpec.ts';
import { readSpec } from './readSpec.ts';

const page = `
## TOK: tokens
- **TOK1** One state, one token,
  over two lines.
- **TOK2** Another.
## Gaps
- **TOK2** needs a clock that goes back.
`;

function problemsOf(markdown: string, source: string): string[] {
  return compareSpec(readSpec(markdown), citedRules('a.test.ts', source));
}

describe('reading the rules', () => {
  it('finds rules in their areas and under Gaps', () => {
    const spec = readSpec(page);
    expect([...spec.rules]).toEqual(['TOK1', 'TOK2']);
    expect([...spec.gaps]).toEqual(['TOK2']);
    expect(spec.problems).toEqual([]);
  });

  it('finds rules after the gaps', () => {
    const spec = readSpec(`${page}## CMD: commands\n- **CMD1** One more.`);
    expect([...spec.rules]).toEqual(['TOK1', 'TOK2', 'CMD1']);
    expect([...spec.gaps]).toEqual(['TOK2']);
  });

  it('reports a rule that is listed twice or says nothing, and a gap without a reason or a rule', () => {
    const { problems } = readSpec(
      '- **TOK1** a\n- **TOK1** b\n- **TOK2**\n## Gaps\n- **TOK1**\n- **ABC9** why',
    );
    expect(problems).toEqual([
      'TOK1 is listed twice',
      'TOK2 is listed without a word',
      'TOK1 is listed without a word',
      'the gap ABC9 is no rule',
    ]);
  });
});

describe('reading the titles of tests', () => {
  it.each([
    ["it('[TOK1] holds', () => {})", ['TOK1']],
    ["test('[TOK1] [CMD12] hold', () => {})", ['TOK1', 'CMD12']],
    ["describe('[TOK1] a group', () => { it('[TOK2] one of it', () => {}); })", ['TOK1', 'TOK2']],
    ['it(`[TOK1] with ${value}, [TOK2]`, () => {})', ['TOK1', 'TOK2']],
    ["it('[TOK1] over ' + 'two [TOK2] lines', () => {})", ['TOK1', 'TOK2']],
    ["it.each([1])('[TOK1] %s', () => {})", ['TOK1']],
    ["it.each`a`('[TOK1] $a', () => {})", ['TOK1']],
    ["it.skipIf(process.platform === 'win32')('[TOK1] elsewhere', () => {})", ['TOK1']],
    ["test.extend({})('[TOK1] holds', () => {})", ['TOK1']],
    ["// it('[TOK1] in a comment', () => {})", []],
    ["const words = '[TOK1] elsewhere';", []],
    ["it.skip('[TOK1] is not run', () => {})", []],
    ["it.todo('[TOK1] is not written')", []],
    ["expect('[TOK1]').toBe('[TOK1]')", []],
  ])('%s', (source, rules) => {
    expect(citedRules('a.test.ts', source).map(({ rule }) => rule)).toEqual(rules);
  });
});

describe('comparing both', () => {
  it('finds nothing where every rule is named or a gap', () => {
    expect(problemsOf(page, "it('[TOK1] holds', () => {})")).toEqual([]);
  });

  it('reports a rule that no test names', () => {
    expect(problemsOf(page, '')).toEqual(['docs/SPEC.md: no test names TOK1']);
  });

  it('reports a title that names no rule, with its place', () => {
    const source = "it('[TOK1] holds', () => {});\nit('[XYZ7] holds', () => {});";
    expect(problemsOf(page, source)).toEqual(['a.test.ts:2: XYZ7 is no rule of docs/SPEC.md']);
  });

  it('reports a gap that is tested after all', () => {
    const source = "it('[TOK1] [TOK2] hold', () => {});";
    expect(problemsOf(page, source)).toEqual(['a.test.ts:1: TOK2 is listed as a gap, and tested']);
  });

  it('reports what is wrong with the page', () => {
    expect(problemsOf(`- **TOK1** once more\n${page}`, "it('[TOK1] holds', () => {})")).toEqual([
      'docs/SPEC.md: TOK1 is listed twice',
    ]);
  });
});
