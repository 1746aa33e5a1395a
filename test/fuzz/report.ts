import type { FuzzTally } from './runFuzz.ts';

export function report(
  { cases, outcomes, slowest, failures }: FuzzTally,
  milliseconds: number,
  seed: number,
): string {
  const told = (counts: ReadonlyMap<string, number>) =>
    [...counts]
      .toSorted(([, one], [, other]) => other - one)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const failed = [...failures.values()].reduce((sum, count) => sum + count, 0);
  return [
    `cases     ${cases}`,
    `outcomes  ${told(outcomes)}`,
    `slowest   ${slowest.toFixed(1)} ms of processor time`,
    `failures  ${failed}${failed > 0 ? `: ${told(failures)}` : ''}`,
    `duration  ${(milliseconds / 1000).toFixed(1)} s, ${((cases / milliseconds) * 1000).toFixed(0)} cases a second`,
    `seed      ${seed}`,
  ].join('\n');
}
