import ts from 'typescript';

/** A rule that the title of a test names. */
export type Citation = { readonly rule: string; readonly file: string; readonly line: number };

const TITLED = new Set(['it', 'test', 'describe']);
// A test that does not run holds no rule.
const NOT_RUN = new Set(['skip', 'todo']);
const RULE = /\[(?<id>[A-Z]{3}\d+)\]/g;

/** The rules that a file's titles of `it`, `test` and `describe` name: `it('[TOK1] [CMD2] …')`, `it.each(…)('…')`. */
export function citedRules(file: string, source: string): Citation[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest);
  const citations: Citation[] = [];

  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTitled(node.expression)) {
      const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
      for (const match of textOf(node.arguments[0]).matchAll(RULE)) {
        if (match.groups?.id !== undefined) citations.push({ rule: match.groups.id, file, line });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return citations;
}

/** Whether a callee is `it`, `it.only`, `it.each(…)`, `` it.each`…` `` and so on. */
function isTitled(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return TITLED.has(callee.text);
  if (ts.isPropertyAccessExpression(callee))
    return !NOT_RUN.has(callee.name.text) && isTitled(callee.expression);
  if (ts.isCallExpression(callee)) return isTitled(callee.expression);
  if (ts.isTaggedTemplateExpression(callee)) return isTitled(callee.tag);
  return false;
}

/** What is written in a title, without the values that it interpolates. */
function textOf(title: ts.Expression | undefined): string {
  if (title === undefined) return '';
  if (ts.isStringLiteralLike(title)) return title.text;
  if (ts.isTemplateExpression(title)) {
    return [title.head, ...title.templateSpans.map((span) => span.literal)]
      .map((part) => part.text)
      .join(' ');
  }
  if (ts.isBinaryExpression(title)) return textOf(title.left) + textOf(title.right);
  return '';
}
