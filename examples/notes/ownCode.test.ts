import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

// What an application has to write itself, beside its layout, is little: the SDK does the rest. Every file of the page
// that is not a test counts with all its lines, except components, which are layout: they have event handlers and local
// state, and nothing longer that waits, listens or keeps.
const MAX_LINES = 300;
const MAX_LOGIC_LINES = 10;
const EFFECTS = new Set(['useEffect', 'useLayoutEffect', 'useSyncExternalStore', 'useReducer']);

const PAGE = resolve(import.meta.dirname, 'page');
const files = globSync('**/*.{ts,tsx}', { cwd: PAGE })
  .filter((path) => !/\.test\.tsx?$/.test(path))
  .toSorted()
  .map((path) => toFile(path));

function toFile(path: string) {
  const source = readFileSync(resolve(PAGE, path), 'utf8');
  return { path, source, tree: ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true) };
}

function* walk(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* walk(child);
}

function isLayout({ path, tree }: ReturnType<typeof toFile>): boolean {
  return path.endsWith('.tsx') && [...walk(tree)].some((node) => ts.isJsxOpeningLikeElement(node));
}

/** A class, an asynchronous function, or a hook that reaches out of React. */
function isLogic(node: ts.Node): boolean {
  if (ts.isClassLike(node)) return true;
  if (ts.isFunctionLike(node) && ts.canHaveModifiers(node)) {
    return (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
  }
  return ts.isCallExpression(node) && EFFECTS.has(node.expression.getText());
}

function countLines(node: ts.Node, tree: ts.SourceFile): number {
  const [start, end] = [node.getStart(tree), node.getEnd()].map(
    (position) => tree.getLineAndCharacterOfPosition(position).line,
  );
  return end! - start! + 1;
}

it(`has at most ${MAX_LINES} lines of its own code that are not layout`, () => {
  const counted = files
    .filter((file) => !isLayout(file))
    .map(({ path, source }) => [path, source.split('\n').length - 1]);
  const total = counted.reduce((sum, [, lines]) => sum + Number(lines), 0);
  expect(total, JSON.stringify(Object.fromEntries(counted))).toBeLessThan(MAX_LINES);
  expect(total).toBeGreaterThan(MAX_LINES / 2);
});

it('hides no logic in its layout', () => {
  const hidden = files
    .filter(isLayout)
    .flatMap(({ path, tree }) =>
      [...walk(tree)]
        .filter((node) => isLogic(node) && countLines(node, tree) > MAX_LOGIC_LINES)
        .map((node) => `${path}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`),
    );
  expect(hidden).toEqual([]);
});
