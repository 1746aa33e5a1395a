/** What docs/SPEC.md states: the rules of each area, and the gaps, which are rules that nothing holds yet. */
export type Spec = {
  readonly rules: ReadonlySet<string>;
  readonly gaps: ReadonlySet<string>;
  /** What is wrong with the page itself, one line each. */
  readonly problems: readonly string[];
};

const GAPS_HEADING = /^## Gaps$/m;
const NEXT_HEADING = /^## /m;
const ENTRY = /^- \*\*(?<id>[A-Z]{3}\d+)\*\*(?<words>.*)$/gm;

/** Reads the rules (`- **TOK1** …`) and what stands under `## Gaps` (`- **TOK1** the reason`). */
export function readSpec(markdown: string): Spec {
  const [before = '', fromGaps = ''] = markdown.split(GAPS_HEADING);
  const end = fromGaps.search(NEXT_HEADING);
  const inGaps = end === -1 ? fromGaps : fromGaps.slice(0, end);
  const after = end === -1 ? '' : fromGaps.slice(end);

  const rules = readEntries(before + after);
  const gaps = readEntries(inGaps);
  const noRules = [...gaps.ids].filter((id) => !rules.ids.has(id)).map((id) => `the gap ${id} is no rule`);
  return { rules: rules.ids, gaps: gaps.ids, problems: [...rules.problems, ...gaps.problems, ...noRules] };
}

function readEntries(section: string): { ids: Set<string>; problems: string[] } {
  const ids = new Set<string>();
  const problems: string[] = [];
  for (const [, id = '', words = ''] of section.matchAll(ENTRY)) {
    if (ids.has(id)) problems.push(`${id} is listed twice`);
    if (words.trim() === '') problems.push(`${id} is listed without a word`);
    ids.add(id);
  }
  return { ids, problems };
}
