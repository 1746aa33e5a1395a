import type { Citation } from './citedRules.ts';
import type { Spec } from './readSpec.ts';

/** What keeps rules and tests from agreeing, one line each; an empty list where they do. */
export function compareSpec(spec: Spec, citations: readonly Citation[]): string[] {
  const cited = new Set(citations.map(({ rule }) => rule));
  const untested = [...spec.rules].filter((rule) => !cited.has(rule) && !spec.gaps.has(rule));
  return [
    ...spec.problems.map((problem) => `docs/SPEC.md: ${problem}`),
    ...untested.map((rule) => `docs/SPEC.md: no test names ${rule}`),
    ...citations.flatMap(({ rule, file, line }) => {
      if (!spec.rules.has(rule)) return `${file}:${line}: ${rule} is no rule of docs/SPEC.md`;
      return spec.gaps.has(rule) ? `${file}:${line}: ${rule} is listed as a gap, and tested` : [];
    }),
  ];
}
